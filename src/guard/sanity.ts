import { SpeechError } from '../errors.ts'
import { nextOf, wakeSoon } from '../pcm/supply.ts'
import type { Guard, Pcm, Samples, Waiter } from '../speech.ts'
import { nameOf } from './name-of.ts'
import { type SpokenSeconds, spokenSeconds } from './spoken-seconds.ts'
import { type WatchedPcm, type Watcher, watched } from './watched.ts'

/** What never differs by more from loudest to lowest is silent: ±65 of 32768, −54 dBFS, as where clauses are joined. */
const SILENT_RANGE = 130
/** A voice has begun by then. Version 3 is known for long silence at the head, of some seconds. */
const LONGEST_SILENCE = 10
/** Less is not sent on by itself, so that a reply that ends before may still be asked for again. */
const SENT_SECONDS = 0.03

/**
 * Refuses audio that cannot be the clause's: silent, endless, or too short for its text; a retryable `upstream` error.
 * Waits with the first audio until something is heard in it, and 30 ms are there, so that silence and a reply that is over
 * by then fail while the call may still be made again; the rest shows while or after it is heard.
 */
export const sanity =
  ({ passesOver = false, id }: SanityOptions = {}): Guard =>
  (next) =>
  async (clause, options) => {
    const call = next(clause, options)
    const { least, most } = spokenSeconds(clause.spoken) // while the host thinks
    const limits = { least: passesOver ? 0 : least, most, host: id }
    const pcm = await call
    return watched(new Headed(pcm, await heard(pcm, limits)), new LengthWithin(limits))
  }

export interface SanityOptions {
  /** The host's id, for what is said of it. */
  readonly id?: string | undefined
  /** As of a `Host`: there is no least of audio then. @default false */
  readonly passesOver?: boolean | undefined
}

interface Limits extends SpokenSeconds {
  readonly host: string | undefined
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

/** Reads until something is heard and enough is there to be sent on, and gives that with what came before. */
async function heard(pcm: Pcm, { least, host }: Limits): Promise<Samples[]> {
  const head: Samples[] = []
  if (least === 0) return head // all of it may be left unsaid
  let [high, low, count] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0]
  while (high - low <= SILENT_RANGE || count < SENT_SECONDS * pcm.rate) {
    const samples = await nextOf(pcm)
    if (!samples && high - low > SILENT_RANGE) break
    if (!samples) throw insane('nothing but silence in', { seconds: count / pcm.rate, host, scope: 'voice' })
    head.push(samples)
    count += samples.length
    for (let i = 0; i < samples.length && high - low <= SILENT_RANGE; i++) {
      high = Math.max(high, samples[i]!)
      low = Math.min(low, samples[i]!)
    }
    if (high - low <= SILENT_RANGE && count / pcm.rate > LONGEST_SILENCE) {
      const error = insane('silence for over', { seconds: LONGEST_SILENCE, host, scope: 'voice' })
      pcm.cancel(error).catch(() => {}) // it is at fault: nobody waits for it
      throw error
    }
  }
  if (pcm.isOver) refuseShort(count / pcm.rate, { least: least / pcm.speed, host })
  return head
}

function refuseShort(seconds: number, { least, host }: Omit<Limits, 'most'>): void {
  if (seconds < least)
    throw insane(`${seconds.toFixed(2)} s for a text of at least`, { seconds: least, host })
}

/** Throws when there is more or less audio than the text can take. */
class LengthWithin implements Watcher {
  readonly #limits: Limits

  constructor(limits: Limits) {
    this.#limits = limits
  }

  took(_: Samples, { seconds, speed }: WatchedPcm): void {
    const most = this.#limits.most / speed
    if (seconds <= most) return
    const { host } = this.#limits
    throw insane(`over ${seconds.toFixed(1)} s for a text of at most`, { seconds: most, host })
  }

  ended({ seconds, speed }: WatchedPcm): void {
    refuseShort(seconds, { ...this.#limits, least: this.#limits.least / speed })
  }
}

interface Insane extends Pick<Limits, 'host'> {
  readonly seconds: number
  /** Silence counts against the voice alone: it may be the text that it does not have the sounds for. */
  readonly scope?: 'host' | 'voice'
}

function insane(what: string, { seconds, host, scope = 'host' }: Insane): SpeechError {
  const log = `sent audio that cannot be right: ${what} ${seconds.toFixed(2)} s`
  const meaning = { code: 'upstream', source: 'host', retryable: true, scope, log } as const
  return new SpeechError(`${nameOf(host)} ${log}`, meaning)
}
