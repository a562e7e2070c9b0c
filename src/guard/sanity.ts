import { SpeechError } from '../errors.ts'
import { nextOf, wakeSoon } from '../pcm/supply.ts'
import type { Guard, Pcm, Samples, Waiter } from '../speech.ts'
import { type SpokenSeconds, spokenSeconds } from './spoken-seconds.ts'
import { type WatchedPcm, type Watcher, watched } from './watched.ts'

/** What never differs by more from loudest to lowest is silent: ±65 of 32768, −54 dBFS, as where clauses are joined. */
const SILENT_RANGE = 130
/** A voice has begun by then. Version 3 is known for long silence at the head, of some seconds. */
const LONGEST_SILENCE = 10

/**
 * Refuses audio that cannot be the clause's: silent, endless, or too short for its text; a retryable `upstream` error.
 * Waits with the first audio until something is heard in it, so that silence fails while the call may still be made
 * again; the rest shows while or after it is heard.
 */
export const sanity =
  ({ passesOver = false }: SanityOptions = {}): Guard =>
  (next) =>
  async (clause, options) => {
    const call = next(clause, options)
    const { least, most } = spokenSeconds(clause.spoken) // while the host thinks
    const limits = { least: passesOver ? 0 : least, most }
    const pcm = await call
    return watched(new Headed(pcm, await heard(pcm, limits)), new LengthWithin(limits))
  }

export interface SanityOptions {
  /** As of a `Host`: there is no least of audio then. @default false */
  readonly passesOver?: boolean | undefined
}

/** Audio of which the beginning has been read already. */
class Headed implements Pcm {
  readonly rate: number
  readonly speed: number
  readonly #rest: Pcm
  readonly #head: Samples[]

  constructor(rest: Pcm, head: Samples[]) {
    this.rate = rest.rate
    this.speed = rest.speed
    this.#rest = rest
    this.#head = head
  }

  get isOver(): boolean {
    return this.#head.length === 0 && this.#rest.isOver
  }

  take(): Samples | undefined {
    return this.#head.shift() ?? this.#rest.take()
  }

  wait(waiter: Waiter): void {
    if (this.#head.length > 0) wakeSoon(waiter)
    else this.#rest.wait(waiter)
  }

  cancel(reason?: unknown): Promise<void> {
    return this.#rest.cancel(reason)
  }
}

/** Reads until something is heard, and gives that with what came before. */
async function heard(pcm: Pcm, { least }: SpokenSeconds): Promise<Samples[]> {
  const head: Samples[] = []
  if (least === 0) return head // all of it may be left unsaid
  let [high, low, count] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0]
  while (high - low <= SILENT_RANGE) {
    const samples = await nextOf(pcm)
    if (!samples) throw insane('nothing but silence in', { seconds: count / pcm.rate, scope: 'voice' })
    head.push(samples)
    count += samples.length
    for (let i = 0; i < samples.length && high - low <= SILENT_RANGE; i++) {
      high = Math.max(high, samples[i]!)
      low = Math.min(low, samples[i]!)
    }
    if (high - low <= SILENT_RANGE && count / pcm.rate > LONGEST_SILENCE) {
      const error = insane('silence for over', { seconds: LONGEST_SILENCE, scope: 'voice' })
      pcm.cancel(error).catch(() => {}) // it is at fault: nobody waits for it
      throw error
    }
  }
  return head
}

/** Throws when there is more or less audio than the text can take. */
class LengthWithin implements Watcher {
  readonly #limits: SpokenSeconds

  constructor(limits: SpokenSeconds) {
    this.#limits = limits
  }

  took(_: Samples, { seconds, speed }: WatchedPcm): void {
    const most = this.#limits.most / speed
    if (seconds > most) throw insane(`over ${seconds.toFixed(1)} s for a text of at most`, { seconds: most })
  }

  ended({ seconds, speed }: WatchedPcm): void {
    const least = this.#limits.least / speed
    if (seconds < least) throw insane(`${seconds.toFixed(2)} s for a text of at least`, { seconds: least })
  }
}

/** Silence counts against the voice alone: it may be the text that it does not have the sounds for. */
const insane = (what: string, { seconds, scope = 'host' }: { seconds: number; scope?: 'host' | 'voice' }) =>
  new SpeechError(`Host's audio cannot be right: ${what} ${seconds.toFixed(2)} s`, {
    code: 'upstream',
    source: 'host',
    retryable: true,
    scope,
    log: `sent audio that cannot be right: ${what} ${seconds.toFixed(2)} s`,
  })
