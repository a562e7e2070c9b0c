import type { Supply } from '../speech.ts'
import { Change } from './change.ts'

/** Values that are made on their own account, on their way to one who takes them; holds all that wait. */
export class Handoff<T> implements Supply<T> {
  readonly #waiting: T[] = []
  #end: { readonly failure?: { readonly reason: unknown } } | undefined
  readonly #change = new Change()

  push(value: T): void {
    this.#waiting.push(value)
    this.#change.notify()
  }

  /** No more will come. */
  end(): void {
    this.#end ??= {}
    this.#change.notify()
  }

  /** Drops what waits; nothing can be taken from now on, for `reason`. Too late once it has ended. */
  fail(reason: unknown): void {
    this.#end ??= { failure: { reason } }
    if (this.#end.failure) this.#waiting.length = 0
    this.#change.notify()
  }

  get isOver(): boolean {
    return this.#end !== undefined && this.#end.failure === undefined && this.#waiting.length === 0
  }

  take(): T | undefined {
    if (this.#end?.failure) throw this.#end.failure.reason
    return this.#waiting.shift()
  }

  wait(): Promise<void> {
    return this.#waiting.length > 0 || this.#end ? Promise.resolve() : this.#change.wait()
  }
}
