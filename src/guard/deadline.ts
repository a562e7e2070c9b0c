import { SpeechError } from '../errors.ts'
import { hostTimeouts } from '../hosts/timeouts.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Guard } from '../speech.ts'
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
export const deadline =
  (options: DeadlineOptions = {}): Guard =>
  (next) =>
  async (clause, { signal, ...rest }) => {
    const { firstAudioMs, gapMs, clauseMs, perCharMs } = { ...hostTimeouts, ...options }
    const extra = perCharMs * (clause.spoken.length + 2 * wideCharacters(clause.spoken))
    const late = new AbortController()
    const patience = new Patience(clauseMs + extra, { ...options, signal })
    const call = next(clause, { ...rest, signal: AbortSignal.any([signal, late.signal]) })
    const first = { ms: firstAudioMs + extra, what: 'first audio' }
    const pcm = await patience.wait(call, first).catch((thrown) => {
      patience[Symbol.dispose]()
      late.abort(thrown)
      call.then((pcm) => pcm.cancel(thrown)).catch(() => {}) // it came too late
      throw thrown
    })
    const gap = { ms: gapMs + extra, what: 'more audio' }
    return {
      rate: pcm.rate,
      speed: pcm.speed,
      async read() {
        try {
          const samples = await patience.wait(pcm.read(), gap)
          if (!samples) patience[Symbol.dispose]()
          return samples
        } catch (thrown) {
          patience[Symbol.dispose]()
          pcm.cancel(thrown).catch(() => {}) // nobody waits for a host that is late
          throw thrown
        }
      },
      cancel(reason) {
        patience[Symbol.dispose]()
        return pcm.cancel(reason)
      },
    }
  }

interface WaitOptions {
  readonly ms: number
  /** What is waited for. */
  readonly what: string
}

interface Wait {
  readonly until: number
  readonly giveUp: () => void
}

interface PatienceOptions extends DeadlineOptions {
  /** Stops the clock when it aborts. */
  readonly signal: AbortSignal
}

/**
 * How long one call may still be waited for. One timer serves all its waits: as a rule it rings long after the one that
 * it was set for, and is set anew for the one of then.
 */
class Patience implements Disposable {
  readonly #now: () => number
  readonly #setTimer: SetTimer
  readonly #signal: AbortSignal
  readonly #stop = () => this[Symbol.dispose]()
  readonly #whole: number
  #left: number
  #wait: Wait | undefined
  #timer: { readonly at: number; readonly clear: () => void } | undefined
  #isStopped = false

  constructor(
    ms: number,
    { signal, now = () => performance.now(), setTimer = setRealTimer }: PatienceOptions,
  ) {
    this.#whole = ms
    this.#left = ms
    this.#now = now
    this.#setTimer = setTimer
    this.#signal = signal
    signal.addEventListener('abort', this.#stop, { once: true })
    if (signal.aborted) this.#stop()
  }

  /** Waits for `work` so long and no longer than is left for the whole. */
  async wait<T>(work: Promise<T>, { ms, what }: WaitOptions): Promise<T> {
    const started = this.#now()
    const isLast = this.#left < ms
    const until = started + (isLast ? this.#left : ms)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const giveUp = () => reject(isLast ? tooLong('end', this.#whole) : tooLong(what, ms))
    this.#wait = { until, giveUp }
    if (!this.#timer || until < this.#timer.at) this.#arm(until)
    work.then(resolve, reject)
    try {
      return await promise
    } finally {
      this.#wait = undefined
      this.#left -= this.#now() - started
    }
  }

  /** Stops the clock for good. */
  [Symbol.dispose](): void {
    this.#isStopped = true
    this.#timer?.clear()
    this.#timer = undefined
    this.#signal.removeEventListener('abort', this.#stop)
  }

  #arm(at: number): void {
    if (this.#isStopped) return
    this.#timer?.clear()
    this.#timer = { at, clear: this.#setTimer(at - this.#now(), () => this.#ring()) }
  }

  #ring(): void {
    this.#timer = undefined
    if (!this.#wait) return // the next one sets it
    if (this.#wait.until > this.#now()) this.#arm(this.#wait.until)
    else this.#wait.giveUp()
  }
}

const tooLong = (what: string, ms: number) =>
  new SpeechError(`Host took too long: no ${what} within ${Math.round(ms)} ms`, {
    code: 'timeout',
    source: 'host',
    retryable: true,
  })
