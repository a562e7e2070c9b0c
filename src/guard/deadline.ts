import { SpeechError } from '../errors.ts'
import { hostTimeouts } from '../hosts/timeouts.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Guard } from '../speech.ts'
import { watched } from './watched.ts'
import { wideCharacters } from './wide-characters.ts'

export interface DeadlineOptions {
  /** Until the first audio, in milliseconds. @default 10000 */
  readonly firstAudioMs?: number
  /** Between two pieces of audio. @default 10000 */
  readonly gapMs?: number
  /** For a whole clause. @default 60000 */
  readonly clauseMs?: number
  /** Added to each of these for every character; a Chinese, Japanese or Korean one counts three. @default 200 */
  readonly perCharMs?: number
  /** Milliseconds since some moment. @default performance.now */
  readonly now?: () => number
  /** @default setTimeout */
  readonly setTimer?: SetTimer
}

/**
 * Gives a host so long to start, to go on and to finish. A late one is aborted with a retryable `timeout` error, which
 * the caller gets at once. Only time in which something is asked of the host counts, so a slow listener is no fault of
 * its; a caller who leaves stops the clock.
 */
export const deadline = (options: DeadlineOptions = {}): Guard => {
  const { firstAudioMs, gapMs, clauseMs, perCharMs } = { ...hostTimeouts, ...options }
  const { now, setTimer } = options
  return (next) =>
    async (clause, { signal, claim }) => {
      const extra = perCharMs * (clause.spoken.length + 2 * wideCharacters(clause.spoken))
      const ended = new AbortController()
      const onAbort = () => ended.abort(signal.reason)
      const patience = new Patience(clauseMs + extra, { now, setTimer, signal, onAbort })
      const call = next(clause, { signal: ended.signal, claim })
      const first = { ms: firstAudioMs + extra, what: 'first audio' }
      const pcm = await patience.wait(call, first).catch((thrown) => {
        patience[Symbol.dispose]()
        ended.abort(thrown)
        call.then((pcm) => pcm.cancel(thrown)).catch(() => {}) // it came too late
        throw thrown
      })
      const gap = { ms: gapMs + extra, what: 'more audio' }
      const heard = watched(pcm, {
        asked: () => patience.begin(gap, heard.giveUp),
        took: () => patience.end(),
        over: () => patience[Symbol.dispose](),
      })
      return heard
    }
}

interface Limit {
  readonly ms: number
  /** What is waited for. */
  readonly what: string
}

interface PatienceOptions {
  readonly now: (() => number) | undefined
  readonly setTimer: SetTimer | undefined
  /** Stops the clock when it aborts. */
  readonly signal: AbortSignal
  /** Told that it has. */
  readonly onAbort: () => void
}

/**
 * How long one call may still be waited for. One timer serves all its waits: as a rule it rings long after the one that
 * it was set for, and is set anew for the one of then.
 */
class Patience implements Disposable {
  readonly #now: () => number
  readonly #setTimer: SetTimer
  readonly #signal: AbortSignal
  readonly #onAbort: () => void
  readonly #whole: number
  #left: number
  #startedAt = 0
  /** When what is waited for is late; nothing is waited for when absent. */
  #until: number | undefined
  #giveUp: (reason: SpeechError) => void = () => {}
  #limit: Limit | undefined
  #timer: { readonly at: number; readonly clear: () => void } | undefined
  #isStopped = false

  constructor(
    ms: number,
    { signal, onAbort, now = () => performance.now(), setTimer = setRealTimer }: PatienceOptions,
  ) {
    this.#whole = ms
    this.#left = ms
    this.#now = now
    this.#setTimer = setTimer
    this.#signal = signal
    this.#onAbort = () => {
      this[Symbol.dispose]()
      onAbort()
    }
    signal.addEventListener('abort', this.#onAbort, { once: true })
    if (signal.aborted) this.#onAbort()
  }

  /** Waits for `work` so long and no longer than is left for the whole. */
  wait<T>(work: Promise<T>, limit: Limit): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.begin(limit, reject)
    work.then(resolve, reject)
    return promise.finally(() => this.end())
  }

  /** Something is waited for: calls `giveUp` when it takes too long. */
  begin(limit: Limit, giveUp: (reason: SpeechError) => void): void {
    this.#startedAt = this.#now()
    this.#limit = limit
    this.#giveUp = giveUp
    const until = this.#startedAt + Math.min(limit.ms, this.#left)
    this.#until = until
    if (!this.#timer || until < this.#timer.at) this.#arm(until)
  }

  /** It is there. */
  end(): void {
    this.#until = undefined
    this.#left -= this.#now() - this.#startedAt
  }

  /** Stops the clock for good. */
  [Symbol.dispose](): void {
    this.#isStopped = true
    this.#timer?.clear()
    this.#timer = undefined
    this.#signal.removeEventListener('abort', this.#onAbort)
  }

  #arm(at: number): void {
    if (this.#isStopped) return
    this.#timer?.clear()
    this.#timer = { at, clear: this.#setTimer(at - this.#now(), () => this.#ring()) }
  }

  #ring(): void {
    this.#timer = undefined
    if (this.#until === undefined) return // the next one sets it
    if (this.#until > this.#now()) this.#arm(this.#until)
    else this.#giveUp(this.#late())
  }

  #late(): SpeechError {
    const { ms, what } = this.#limit!
    return this.#left < ms ? tooLong('end', this.#whole) : tooLong(what, ms)
  }
}

const tooLong = (what: string, ms: number) =>
  new SpeechError(`Host took too long: no ${what} within ${Math.round(ms)} ms`, {
    code: 'timeout',
    source: 'host',
    retryable: true,
  })
