import { clock } from '../telemetry/clock.ts'
export interface ThroughputOptions {
  /** How long until a call counts half as much as a new one, in milliseconds. @default 30000 */
  readonly halfLifeMs?: number
  /** Milliseconds since some moment. @default performance.now */
  readonly now?: () => number
}

/** Work at a host. */
export interface Load {
  /** Characters that wait for a place. */
  readonly characters: number
  /** Places that are held. */
  readonly running: number
  /** Places that there are. */
  readonly size: number
}

/** Held until a host has been heard: 15 letters make a second of speech, which takes a usual GPU 0.3 s. */
const UNKNOWN_MS_PER_CHARACTER = 300 / 15
/** And for how long a place is held: a sentence of 75 letters, five seconds of speech. */
const UNKNOWN_MS = 1500

/** Estimates how long one must wait for a host, by how long its places were held for how many characters of late. */
export class Throughput {
  readonly #now: () => number
  readonly #halfLifeMs: number
  // Sums in which each call counts less as it gets older.
  #calls = 0
  #characters = 0
  #ms = 0
  #at: number

  constructor({ halfLifeMs = 30_000, now = clock }: ThroughputOptions = {}) {
    this.#now = now
    this.#halfLifeMs = halfLifeMs
    this.#at = now()
  }

  /** Learns from a call for which a place was held for `ms`. */
  done({ characters, ms }: { readonly characters: number; readonly ms: number }): void {
    if (!(characters > 0 && ms >= 0)) return // tells nothing of a host's pace
    this.#age()
    this.#calls++
    this.#characters += characters
    this.#ms += ms
  }

  /**
   * How long until a place is free for one who comes after those who wait. The places share the waiting characters;
   * when all are held, one of them is free after `1 / (size + 1)` of a call, as their calls began at any time.
   */
  waitMs({ characters, running, size }: Load): number {
    const untilNext = running < size ? 0 : this.#msPerCall / (size + 1)
    return (characters * this.#msPerCharacter) / size + untilNext
  }

  get #msPerCharacter(): number {
    return this.#characters > 0 ? this.#ms / this.#characters : UNKNOWN_MS_PER_CHARACTER
  }

  get #msPerCall(): number {
    return this.#calls > 0 ? this.#ms / this.#calls : UNKNOWN_MS
  }

  #age(): void {
    const now = this.#now()
    const kept = 0.5 ** (Math.max(0, now - this.#at) / this.#halfLifeMs)
    this.#at = now
    this.#calls *= kept
    this.#characters *= kept
    this.#ms *= kept
  }
}
