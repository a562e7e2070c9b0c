import type { Signal, SignalListener } from '../speech.ts'

/**
 * An `AbortController` and its signal in one, for work inside: Bun looks at each `AbortSignal` alive in every collection,
 * and a stream would have four. What the platform itself is to stop, such as `fetch`, needs a real one.
 */
export class Stopper implements Signal {
  #stopped: { readonly reason: unknown } | undefined
  #listeners: SignalListener[] = []

  get aborted(): boolean {
    return this.#stopped !== undefined
  }

  get reason(): unknown {
    return this.#stopped?.reason
  }

  throwIfAborted(): void {
    if (this.#stopped) throw this.#stopped.reason
  }

  /** Adds one who is told, once, in the order of coming; nobody who comes after the abort is. */
  addEventListener(_: 'abort', listener: SignalListener): void {
    if (!this.#stopped && !this.#listeners.includes(listener)) this.#listeners.push(listener)
  }

  removeEventListener(_: 'abort', listener: SignalListener): void {
    const at = this.#listeners.indexOf(listener)
    if (at >= 0) this.#listeners.splice(at, 1)
  }

  /**
   * Tells all who listen; the first reason counts. Throws what one of them has thrown, once the others are told.
   *
   * @default an `AbortError`
   */
  abort(reason: unknown = new DOMException('The work was stopped', 'AbortError')): void {
    if (this.#stopped) return
    this.#stopped = { reason }
    this.#tell()
  }

  /** Aborts when another one does, for its reason; that one, which keeps this, should live no longer than the work. */
  follow(signal: Signal): void {
    if (signal.aborted) this.abort(signal.reason)
    else signal.addEventListener('abort', () => this.abort(signal.reason), { once: true })
  }

  #tell(): void {
    const next = this.#listeners.shift()
    if (!next) return
    try {
      if (typeof next === 'function') next()
      else next.handleEvent()
    } finally {
      this.#tell()
    }
  }
}
