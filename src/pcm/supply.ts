/**
 * Something on its way to one who takes it: what is there is taken without waiting, and only what is not is waited for.
 * No promise holds what it gives: one that has waited for long keeps its value from the collector for as long again.
 */
export interface Supply<T> {
  /** Gives what is next of what is at hand; `undefined` while nothing is. Throws when no more can be had. */
  take(): T | undefined
  /** Whether all has been taken and no more will come. */
  readonly isOver: boolean
  /** Resolves when there may be more to take, it is over, or it has failed; never rejects. One call at a time. */
  wait(): Promise<void>
}

/** Waits for what is next; gives `undefined` once it is over, and throws as `take` does. */
export async function nextOf<T>(supply: Supply<T>): Promise<T | undefined> {
  for (;;) {
    const next = supply.take()
    if (next || supply.isOver) return next
    await supply.wait()
  }
}
