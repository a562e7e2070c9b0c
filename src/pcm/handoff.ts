/** Values that are made on their own account, on their way to one reader; holds all that has not been read. */
export class Handoff<T> {
  readonly #waiting: T[] = []
  #end: { readonly failure?: { readonly reason: unknown } } | undefined
  #changed = Promise.withResolvers<void>()

  push(value: T): void {
    this.#waiting.push(value)
    this.#notify()
  }

  /** No more will come. */
  end(): void {
    this.#end ??= {}
    this.#notify()
  }

  /** Drops what waits; every read rejects with `reason` from now on. Too late once it has ended. */
  fail(reason: unknown): void {
    this.#end ??= { failure: { reason } }
    if (this.#end.failure) this.#waiting.length = 0
    this.#notify()
  }

  /** Gives what came first; waits while there is nothing; `undefined` at the end. */
  async read(): Promise<T | undefined> {
    while (this.#waiting.length === 0 && !this.#end) await this.#changed.promise
    if (this.#end?.failure) throw this.#end.failure.reason
    return this.#waiting.shift()
  }

  #notify(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
