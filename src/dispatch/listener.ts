export interface ListenerOptions {
  /** Takes only this one out. */
  readonly signal: AbortSignal
  /** Called once if they leave; resolves when nothing is done for them any more. */
  readonly onLeave: (reason: unknown) => Promise<void>
}

/** One of those who share a call, until they have all of it or leave. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #onAbort = () => void this.leave(this.#options.signal.reason)
  #isDone = false
  #left: { readonly reason: unknown } | undefined
  #free = Promise.resolve()
  #wake: ((reason: unknown) => void) | undefined

  constructor(options: ListenerOptions) {
    this.#options = options
    options.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Goes at once, whatever they wait for; resolves when nothing is done for them any more. */
  leave(reason: unknown): Promise<void> {
    if (this.#isDone) return this.#free
    this.done()
    this.#left = { reason: reason ?? new DOMException('Listener left', 'AbortError') }
    this.#free = this.#options.onLeave(reason)
    this.#free.catch(() => {}) // for whoever waits
    this.#wake?.(this.#left.reason)
    return this.#free
  }

  /** Whether they have left before they had all. */
  get left(): boolean {
    return this.#left !== undefined
  }

  /** Has all that they came for, or never will. */
  done(): void {
    this.#isDone = true
    this.#options.signal.removeEventListener('abort', this.#onAbort)
  }

  /** Waits with the others for what they share; rejects at once when this one leaves, and asks for nothing after that. */
  wait<T>(shared: () => Promise<T>): Promise<T> {
    if (this.#left) return Promise.reject(this.#left.reason)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#wake = reject
    shared().then(resolve, reject)
    return promise
  }
}
