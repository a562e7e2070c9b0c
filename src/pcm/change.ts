/** Lets any number wait for the next change of something; a change that nobody waits for costs nothing. */
export class Change {
  #next: PromiseWithResolvers<void> | undefined

  /** Resolves at the next change. */
  wait(): Promise<void> {
    this.#next ??= Promise.withResolvers()
    return this.#next.promise
  }

  notify(): void {
    this.#next?.resolve()
    this.#next = undefined
  }
}
