import type { Waiter } from '../speech.ts'

/** Lets one wait for the next change of something; a change that nobody waits for is forgotten. */
export class Change implements Waiter {
  /** Stays, since it is the same each time as a rule: what is written anew the collector has to look at anew. */
  #waiter: Waiter | undefined
  #isAwaited = false

  /** Wakes `waiter` at the next change, once. */
  wait(waiter: Waiter): void {
    if (this.#waiter !== waiter) this.#waiter = waiter
    this.#isAwaited = true
  }

  /** Something has changed. */
  wake(): void {
    if (!this.#isAwaited) return
    this.#isAwaited = false
    this.#waiter?.wake()
  }
}
