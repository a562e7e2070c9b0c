import type { Supply, Waiter } from '../speech.ts'
import { Change } from './change.ts'
import { wakeSoon } from './supply.ts'

/** Values that are made on their own account, on their way to one who takes them; holds all that wait. */
export class Handoff<T> implements Supply<T> {
  readonly #waiting: T[] = []
  #end: { readonly failure?: { readonly reason: unknown } } | undefined
  readonly #change = new Change()

  push(value: T): void {
    this.#waiting.push(value)
    this.#change.wake()
  }

  /** No more will come. */
  end(): void {
    this.#end ??= {}
    this.#change.wake()
  }

  /** Drops what waits; nothing can be taken from now on, for `reason`. Too late once it has ended. */
  fail(reason: unknown): void {
    this.#end ??= { failure: { reason } }
    if (this.#end.failure) this.#waiting.length = 0
    this.#change.wake()
  }

  get isOver(): boolean {
    return this.#end !== undefined && this.#end.failure === undefined && this.#waiting.length === 0
  }

  take(): T | undefined {
    if (this.#end?.failure) throw this.#end.failure.reason
    return this.#waiting.shift()
  }

  wait(waiter: Waiter): void {
    if (this.#waiting.length > 0 || this.#end) wakeSoon(waiter)
    else this.#change.wait(waiter)
  }
}
