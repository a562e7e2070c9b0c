import type { Batching, Claim, Clause } from '../speech.ts'
import type { Ahead, FairQueue } from './fair-queue.ts'
import type { Limit } from './limit.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Throughput } from './throughput.ts'
import { rankOf } from './urgency.ts'

export interface ForecastOptions {
  readonly queue: Pick<FairQueue<unknown>, 'ahead' | 'cost' | 'size'>
  readonly limit: Pick<Limit, 'size'>
  readonly rate: Pick<RateLimit, 'waitMs'>
  readonly throughput: Pick<Throughput, 'waitMs'>
  /** For a host that takes many clauses in one call: how many. */
  readonly batch?: Pick<Batching, 'max'> | undefined
  readonly now: () => number
}

/** What a call of many clauses counts in the throughput, however many: its time hardly depends on that. */
export const BATCH_CHARACTERS = 75
/** What the newest first audio counts in the mean. */
const SMOOTHING = 0.2

/** Tells how long clauses would wait for a host, from what waits and how fast the host has been. */
export class Forecast {
  readonly #options: ForecastOptions
  #firstAudioMs = 0
  #isHeard = false

  constructor(options: ForecastOptions) {
    this.#options = options
  }

  /** What the host usually takes to first audio once it is called, in milliseconds; 0 until it was heard. */
  get firstAudioMs(): number {
    return this.#firstAudioMs
  }

  /** Whether the host has been heard: what is told of it is a guess until then. */
  get isHeard(): boolean {
    return this.#isHeard
  }

  firstAudio(ms: number): void {
    this.#firstAudioMs = this.#isHeard ? this.#firstAudioMs + SMOOTHING * (ms - this.#firstAudioMs) : ms
    this.#isHeard = true
  }

  /** What would go before a clause that came now. */
  ahead(clause: Clause, { tenant, priority }: Claim): Ahead {
    const { queue, now } = this.#options
    return queue.ahead({ tenant, rank: rankOf(clause), priority, at: now() })
  }

  /** How long so many waiting characters keep one from a place, in milliseconds, while `running` places are held. */
  waitMs(characters: number, running: number): number {
    const { limit, rate, throughput, batch } = this.#options
    const calls = this.#callsFor(characters)
    const work = batch ? calls * BATCH_CHARACTERS : characters
    const load = { characters: work, running, size: limit.size }
    return Math.max(rate.waitMs(calls), throughput.waitMs(load))
  }

  /** The calls that so many of the waiting characters take. */
  #callsFor(characters: number): number {
    const { batch, queue } = this.#options
    return Math.floor(((characters / Math.max(1, queue.cost)) * queue.size) / (batch?.max ?? 1))
  }
}
