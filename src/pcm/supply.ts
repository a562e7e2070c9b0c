import type { Supply, Waiter } from '../speech.ts'

/** Waits for what is next; gives `undefined` once it is over, and throws as `take` does. */
export async function nextOf<T>(supply: Supply<T>): Promise<T | undefined> {
  for (;;) {
    const next = supply.take()
    if (next || supply.isOver) return next
    await moreOf(supply)
  }
}

/** Resolves when there may be more to take, it is over, or it has failed. */
export const moreOf = (supply: Pick<Supply<unknown>, 'wait'>): Promise<void> =>
  new Promise((wake) => supply.wait({ wake }))

/** Wakes one for whom there is something already. */
export const wakeSoon = (waiter: Waiter): void => queueMicrotask(() => waiter.wake())
