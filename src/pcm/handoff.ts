import { Change } from './change.ts'

/** Values that are made on their own account, on their way to one reader; holds all that has not been read. */
export class Handoff<T> {
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

  /** Drops what waits; every read rejects with `reason` from now on. Too late once it has ended. */
  fail(reason: unknown): void {
    this.#end ??= { failure: { reason } }
    if (this.#end.failure) this.#waiting.length = 0
    this.#change.notify()
  }

  /** Gives what came first; waits while there is nothing; `undefined` at the end. */
  async read(): Promise<T | undefined> {
    while (this.#waiting.length === 0 && !this.#end) await this.#change.wait()
    if (this.#end?.failure) throw this.#end.failure.reason
    return this.#waiting.shift()
  }
}
