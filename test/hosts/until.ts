/** Waits for what happens outside of this process's control, such as a connection's end. */
export async function until(happened: () => boolean): Promise<void> {
  for (const end = performance.now() + 2_000; !happened(); ) {
    if (performance.now() > end) throw new Error('It did not happen in 2 s')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
