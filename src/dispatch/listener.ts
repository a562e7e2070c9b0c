import type { Signal } from '../speech.ts'

/** What they all share. */
export interface Common {
  /** Takes out one who leaves, once; resolves when nothing is done for them any more. */
  leave(listener: Listener, reason: unknown): Promise<void>
}

/** One of those who share a call, until they have all of it or leave. */
export class Listener {
  readonly #signal: Signal
  readonly #common: Common
  #isDone = false
  #left: { readonly reason: unknown } | undefined
  #free: Promise<void> | undefined
  #wake: ((reason: unknown) => void) | undefined

  /** `signal` takes only this one out. */
  constructor(signal: Signal, common: Common) {
    this.#signal = signal
    this.#common = common
    signal.addEventListener('abort', this, { once: true })
  }

  /** Their signal has aborted. */
  handleEvent(): void {
    this.leave(this.#signal.reason)
  }

  /** Goes at once, whatever they wait for; resolves when nothing is done for them any more. */
  leave(reason: unknown): Promise<void> {
    if (this.#isDone) return this.#free ?? Promise.resolve()
    this.done()
    this.#left = { reason: reason ?? new DOMException('Listener left', 'AbortError') }
    this.#free = this.#common.leave(this, reason)
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
    this.#signal.removeEventListener('abort', this)
  }

  /** Waits with the others for what they share; rejects at once when this one leaves, and asks for nothing after that. */
  async wait<T>(shared: () => Promise<T>): Promise<T> {
    if (this.#left) throw this.#left.reason
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#wake = reject
    shared().then(resolve, reject)
    try {
      return await promise
    } finally {
      this.#wake = undefined
    }
  }
}
