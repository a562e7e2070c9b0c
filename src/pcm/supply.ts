import type { Supply } from '../speech.ts'

/** Waits for what is next; gives `undefined` once it is over, and throws as `take` does. */
export async function nextOf<T>(supply: Supply<T>): Promise<T | undefined> {
  for (;;) {
    const next = supply.take()
    if (next || supply.isOver) return next
    await supply.wait()
  }
}
