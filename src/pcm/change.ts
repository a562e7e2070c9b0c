import type { Waiter } from '../speech.ts'

/** Lets one wait for the next change of something; a change that nobody waits for is forgotten. */
export class Change implements Waiter {
  #waiter: Waiter | undefined

  /** Wakes `waiter` at the next change, once. */
  wait(waiter: Waiter): void {
    this.#waiter = waiter
  }

  /** Something has changed. */
  wake(): void {
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.wake()
  }
}
