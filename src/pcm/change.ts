/** Lets any number wait for the next change of something; a change that nobody waits for costs nothing. */
export class Change {
  #next: Promise<void> | undefined
  #resolve: (() => void) | undefined

  /** Resolves at the next change. */
  wait(): Promise<void> {
    if (this.#next) return this.#next
    this.#next = new Promise(keep)
    this.#resolve = kept
    return this.#next
  }

  notify(): void {
    this.#resolve?.()
    this.#next = this.#resolve = undefined
  }
}

// One executor for all: waits are made for each piece of audio, and each would have closures of its own.
let kept: (() => void) | undefined
const keep = (resolve: () => void): void => {
  kept = resolve
}
