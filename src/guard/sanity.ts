import { SpeechError } from '../errors.ts'
import type { Guard, Pcm, Samples } from '../speech.ts'
import { type SpokenSeconds, spokenSeconds } from './spoken-seconds.ts'

/** What never differs by more from loudest to lowest is silent: ±65 of 32768, −54 dBFS, as where clauses are joined. */
const SILENT_RANGE = 130
/** A voice has begun by then. Version 3 is known for long silence at the head, of some seconds. */
const LONGEST_SILENCE = 10

/**
 * Refuses audio that cannot be the clause's: silent, endless, or too short for its text; a retryable `upstream` error.
 * Waits with the first audio until something is heard in it, so that silence fails while the call may still be made
 * again; the rest shows while or after it is heard.
 */
export const sanity = (): Guard => (next) => async (clause, options) => {
  const call = next(clause, options)
  const limits = spokenSeconds(clause.spoken) // while the host thinks
  const pcm = await call
  const check = new Check(limits, pcm)

  const read = async (): Promise<Samples | undefined> => {
    const samples = await pcm.read()
    try {
      return check.pass(samples)
    } catch (thrown) {
      if (samples) pcm.cancel(thrown).catch(() => {}) // it is at fault: nobody waits for it
      throw thrown
    }
  }

  const head: Samples[] = []
  while (!check.isHeard) {
    const samples = await read()
    if (!samples) break // a text of marks only may be silent
    head.push(samples)
  }
  return { ...pcm, read: async () => head.shift() ?? (await read()) }
}

/** What is known so far of one clause's audio. */
class Check {
  readonly #least: number
  readonly #most: number
  readonly #rate: number
  #count = 0
  #high = Number.NEGATIVE_INFINITY
  #low = Number.POSITIVE_INFINITY

  constructor({ least, most }: SpokenSeconds, { rate, speed }: Pcm) {
    this.#least = least / speed
    this.#most = most / speed
    this.#rate = rate
  }

  get isHeard(): boolean {
    return this.#high - this.#low > SILENT_RANGE || this.#least === 0 // a text of marks only may be silent
  }

  get #seconds(): number {
    return this.#count / this.#rate
  }

  /** Takes the next samples, or `undefined` at the end, and gives them back; throws when they cannot be right. */
  pass(samples: Samples | undefined): Samples | undefined {
    if (samples) this.#take(samples)
    else this.#end()
    return samples
  }

  #take(samples: Samples): void {
    this.#count += samples.length
    if (this.#seconds > this.#most)
      throw insane(`over ${this.#seconds.toFixed(1)} s for a text of at most`, this.#most)
    this.#range(samples)
    if (!this.isHeard && this.#seconds > LONGEST_SILENCE) throw insane('silence for over', LONGEST_SILENCE)
  }

  #end(): void {
    if (!this.isHeard) throw insane('nothing but silence in', this.#seconds)
    if (this.#seconds < this.#least)
      throw insane(`${this.#seconds.toFixed(2)} s for a text of at least`, this.#least)
  }

  /** Widens the range by as many samples as it takes to hear something. */
  #range(samples: Samples): void {
    for (let i = 0; i < samples.length && !this.isHeard; i++) {
      this.#high = Math.max(this.#high, samples[i]!)
      this.#low = Math.min(this.#low, samples[i]!)
    }
  }
}

const insane = (what: string, seconds: number) =>
  new SpeechError(`Host's audio cannot be right: ${what} ${seconds.toFixed(2)} s`, {
    code: 'upstream',
    source: 'host',
    retryable: true,
  })
