import { SpeechError } from '../../errors.ts'
import type { SetTimer } from '../../run/set-timer.ts'

export interface LeavingOptions {
  /** The caller's. */
  readonly signal: AbortSignal
  /** Aborts when the host is disposed of. */
  readonly closed: AbortSignal
  readonly onAbandon: 'drain' | 'abort'
  /** How long an abandoned reply may go on, in milliseconds. */
  readonly timeouts: { readonly drainMs: number }
  readonly setTimer: SetTimer
}

/**
 * Knows whether the caller of one host call has left, and when the call itself must end: at once by `abort`, or when
 * the host is the reason or is disposed of; `drainMs` later by `drain`.
 */
export class Leaving implements Disposable {
  readonly #options: LeavingOptions
  readonly #end = new AbortController()
  readonly #onAbort = () => this.leave(this.#options.signal.reason)
  readonly #onClosed = () => this.#stop(this.#options.closed.reason)
  #left: { readonly reason: unknown } | undefined
  #clear = () => {}
  #onEnd = () => {}

  constructor(options: LeavingOptions) {
    this.#options = options
    const { signal, closed } = options
    signal.addEventListener('abort', this.#onAbort, { once: true })
    closed.addEventListener('abort', this.#onClosed, { once: true })
    if (closed.aborted) this.#onClosed()
  }

  /** Aborts when the call must end. */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  get left(): boolean {
    return this.#left !== undefined
  }

  /** Throws why the caller left, when it has. */
  throwIfLeft(): void {
    if (this.#left) throw this.#left.reason
  }

  /** Has `close` called when the call must end, at once when it has to already. */
  onEnd(close: () => void): void {
    this.#onEnd = close
    if (this.#end.signal.aborted) close()
  }

  /** Ends the call at once, its caller being there or not. */
  end(reason: unknown): void {
    if (this.#end.signal.aborted) return
    this.#end.abort(reason)
    this.#onEnd()
  }

  /** Takes note that the caller has left; the first reason counts. */
  leave(reason: unknown): void {
    if (this.#left) return
    this.#left = { reason }
    const { onAbandon, timeouts, setTimer } = this.#options
    // A host that is at fault, too late above all, is not waited for.
    const atOnce = onAbandon === 'abort' || SpeechError.from(reason).source === 'host'
    if (atOnce) this.end(reason)
    else this.#clear = setTimer(timeouts.drainMs, () => this.end(reason))
  }

  [Symbol.dispose](): void {
    const { signal, closed } = this.#options
    this.#clear()
    signal.removeEventListener('abort', this.#onAbort)
    closed.removeEventListener('abort', this.#onClosed)
  }

  #stop(reason: unknown): void {
    this.#left ??= { reason }
    this.end(reason)
  }
}
