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
    const patience = new Patience(clauseMs + extra, options)
    const call = next(clause, { ...rest, signal: AbortSignal.any([signal, late.signal]) })
    const first = { ms: firstAudioMs + extra, what: 'first audio', signal }
    const pcm = await patience.wait(call, first).catch((thrown) => {
      late.abort(thrown)
      call.then((pcm) => pcm.cancel(thrown)).catch(() => {}) // it came too late
      throw thrown
    })
    const gap = { ms: gapMs + extra, what: 'more audio', signal }
    return {
      ...pcm,
      read: () =>
        patience.wait(pcm.read(), gap).catch((thrown) => {
          pcm.cancel(thrown).catch(() => {}) // nobody waits for a host that is late
          throw thrown
        }),
    }
  }

interface WaitOptions {
  readonly ms: number
  /** What is waited for. */
  readonly what: string
  /** Stops the clock when it aborts. */
  readonly signal: AbortSignal
}

/** How long one call may still be waited for. */
class Patience {
  readonly #now: () => number
  readonly #setTimer: SetTimer
  readonly #whole: number
  #left: number

  constructor(ms: number, { now = () => performance.now(), setTimer = setRealTimer }: DeadlineOptions) {
    this.#whole = ms
    this.#left = ms
    this.#now = now
    this.#setTimer = setTimer
  }

  /** Waits for `work` so long and no longer than is left for the whole. */
  async wait<T>(work: Promise<T>, { ms, what, signal }: WaitOptions): Promise<T> {
    const started = this.#now()
    const isLast = this.#left < ms
    const { promise, reject } = Promise.withResolvers<never>()
    const clear = this.#setTimer(isLast ? this.#left : ms, () =>
      reject(isLast ? tooLong('end', this.#whole) : tooLong(what, ms)),
    )
    signal.addEventListener('abort', clear, { once: true })
    try {
      return await Promise.race([work, promise])
    } finally {
      clear()
      signal.removeEventListener('abort', clear)
      this.#left -= this.#now() - started
    }
  }
}

const tooLong = (what: string, ms: number) =>
  new SpeechError(`Host took too long: no ${what} within ${Math.round(ms)} ms`, {
    code: 'timeout',
    source: 'host',
    retryable: true,
  })
