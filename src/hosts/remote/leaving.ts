import { SpeechError } from '../../errors.ts'
import type { SetTimer } from '../../run/set-timer.ts'
import type { Signal } from '../../speech.ts'

export interface LeavingOptions {
  /** The caller's. */
  readonly signal: Signal
  /** Aborts when the host is disposed of. */
  readonly closed: Signal
  readonly onAbandon: 'drain' | 'abort'
  /** How long an abandoned reply may go on, in milliseconds. */
  readonly timeouts: { readonly drainMs: number }
  readonly setTimer: SetTimer
}

/** What is done for the call. */
interface Work {
  close(): void
}

/**
 * Knows whether the caller of one host call has left, and when the call itself must end: at once by `abort`, or when
 * the host is the reason or is disposed of; `drainMs` later by `drain`.
 */
export class Leaving implements Disposable {
  readonly #options: LeavingOptions
  readonly #end = new AbortController()
  #left: { readonly reason: unknown } | undefined
  #clear: (() => void) | undefined
  #work: Work | undefined

  constructor(options: LeavingOptions) {
    this.#options = options
    const { signal, closed } = options
    signal.addEventListener('abort', this, { once: true })
    closed.addEventListener('abort', this, { once: true })
    if (closed.aborted) this.handleEvent()
  }

  /** The caller has left, or the host is disposed of. */
  handleEvent(): void {
    const { signal, closed } = this.#options
    if (closed.aborted) this.#stop(closed.reason)
    else this.leave(signal.reason)
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

  /** Has this closed when the call must end, at once when it has to already. */
  closes(work: Work): void {
    this.#work = work
    if (this.#end.signal.aborted) work.close()
  }

  /** Ends the call at once, its caller being there or not. */
  end(reason: unknown): void {
    if (this.#end.signal.aborted) return
    this.#end.abort(reason)
    this.#work?.close()
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
    this.#clear?.()
    signal.removeEventListener('abort', this)
    closed.removeEventListener('abort', this)
  }

  #stop(reason: unknown): void {
    this.#left ??= { reason }
    this.end(reason)
  }
}
