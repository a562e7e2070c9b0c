import { SpeechError } from '../errors.ts'
import { hostTimeouts } from '../hosts/timeouts.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import { Stopper } from '../run/stopper.ts'
import type { Guard, Signal } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'
import { nameOf } from './name-of.ts'
import { type WatchedPcm, type Watcher, watched } from './watched.ts'
import { wideCharacters } from './wide-characters.ts'

export interface DeadlineOptions {
  /** The host's id, for what is said of it. */
  readonly host?: string
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
 * the caller gets at once; its place stays taken until the host is done with what cannot be aborted. Only time in which
 * something is asked of the host counts, so a slow listener is no fault of its; a caller who leaves stops the clock.
 */
export const deadline = (options: DeadlineOptions = {}): Guard => {
  const { firstAudioMs, gapMs, clauseMs, perCharMs } = { ...hostTimeouts, ...options }
  const { now, setTimer, host } = options
  return (next) =>
    async (clause, { signal, claim, place }) => {
      const extra = perCharMs * (clause.spoken.length + 2 * wideCharacters(clause.spoken))
      const gap = { ms: gapMs + extra, what: 'more audio' }
      const patience = new Patience(clauseMs + extra, { gap, now, setTimer, signal, host })
      const call = next(clause, { signal: patience.signal, claim })
      const first = { ms: firstAudioMs + extra, what: 'first audio' }
      const pcm = await patience.wait(call, first).catch((thrown) => {
        patience.end(thrown)
        const free = call.then((pcm) => pcm.cancel(thrown)).catch(() => {}) // it came too late
        place?.hold(free)
        throw thrown
      })
      return watched(pcm, patience)
    }
}

interface Limit {
  readonly ms: number
  /** What is waited for. */
  readonly what: string
}

/** Who is told when it is over. */
type Waiting = Pick<WatchedPcm, 'giveUp'>

interface PatienceOptions {
  /** Between two pieces of audio. */
  readonly gap: Limit
  readonly now: (() => number) | undefined
  readonly setTimer: SetTimer | undefined
  readonly host: string | undefined
  /** The caller's. */
  readonly signal: Signal
}

/**
 * How long one call may still be waited for. One timer serves all its waits: as a rule it rings long after the one that
 * it was set for, and is set anew for the one of then.
 */
class Patience implements Watcher, Disposable {
  readonly #gap: Limit
  readonly #host: string | undefined
  readonly #now: () => number
  readonly #setTimer: SetTimer
  readonly #caller: Signal
  readonly #ended = new Stopper()
  readonly #whole: number
  #left: number
  #startedAt = 0
  /** When what is waited for is late; nothing is waited for when absent. */
  #until: number | undefined
  #limit: Limit
  #waiting: Waiting | undefined
  #timer: { readonly at: number; readonly clear: () => void } | undefined
  #isStopped = false

  constructor(ms: number, { gap, host, signal, now = clock, setTimer = setRealTimer }: PatienceOptions) {
    this.#gap = gap
    this.#host = host
    this.#limit = gap
    this.#whole = ms
    this.#left = ms
    this.#now = now
    this.#setTimer = setTimer
    this.#caller = signal
    signal.addEventListener('abort', this, { once: true })
    if (signal.aborted) this.handleEvent()
  }

  /** Aborts when the call must end: its caller has left, or it is late. */
  get signal(): Signal {
    return this.#ended
  }

  /** The caller has left. */
  handleEvent(): void {
    this.end(this.#caller.reason)
  }

  /** Stops the clock and has the call ended. */
  end(reason: unknown): void {
    this[Symbol.dispose]()
    this.#ended.abort(reason)
  }

  /** Waits for `work` so long and no longer than is left for the whole. */
  wait<T>(work: Promise<T>, limit: Limit): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#begin(limit, { giveUp: reject })
    work.then(resolve, reject)
    return promise.finally(() => this.came())
  }

  /** More audio is waited for. */
  asked(heard: WatchedPcm): void {
    this.#begin(this.#gap, heard)
  }

  /** It is there. */
  came(): void {
    this.#until = undefined
    this.#left -= this.#now() - this.#startedAt
  }

  over(): void {
    this[Symbol.dispose]()
  }

  #begin(limit: Limit, waiting: Waiting): void {
    this.#startedAt = this.#now()
    this.#limit = limit
    this.#waiting = waiting
    const until = this.#startedAt + Math.min(limit.ms, this.#left)
    this.#until = until
    if (!this.#timer || until < this.#timer.at) this.#arm(until)
  }

  /** Stops the clock for good. */
  [Symbol.dispose](): void {
    this.#isStopped = true
    this.#timer?.clear()
    this.#timer = undefined
    this.#caller.removeEventListener('abort', this)
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
    else this.#waiting?.giveUp(this.#late())
  }

  #late(): SpeechError {
    return this.#left < this.#limit.ms
      ? tooLong(this.#host, { what: 'end', ms: this.#whole })
      : tooLong(this.#host, this.#limit)
  }
}

function tooLong(host: string | undefined, { what, ms }: Limit): SpeechError {
  const log = `took too long: no ${what} within ${Math.round(ms)} ms`
  return new SpeechError(`${nameOf(host)} ${log}`, { code: 'timeout', source: 'host', retryable: true, log })
}
