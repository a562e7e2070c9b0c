import type { FinishedCall, Limit } from './limit.ts'
import { PaceSample } from './pace-sample.ts'

export interface AutoLimitOptions {
  /** @default 4 */
  readonly start?: number
  /** @default 1 */
  readonly min?: number
  /** @default 1024 */
  readonly max?: number
  /** How much slower than at ease the host may be before the limit falls, as a factor. @default 1.25 */
  readonly tolerance?: number
}

/** Least calls that an estimate rests on; as many as the limit where that is more. */
const SAMPLE = 12
/** How far the limit goes towards a new estimate at once. */
const SMOOTHING = 0.5
/** The least gradient: one sample is no reason to drop more than half. */
const LEAST_GRADIENT = 0.5
/** The most that is added at once, as a share of the limit; one where that is less. */
const GROWTH = 0.25
/** In roots of the limit. A whole one, as for web servers, would double the calls of a host that takes two. */
const HEADROOM = 0.4
/** Changes of the limit between two looks at the host at ease, at first and when all is steady. */
const SOONEST = 2
const LATEST = 32
/** A host whose pace at ease differs by more than this factor has changed; by less, it may be chance. */
const CHANGED = 1.4
/** How far a host that is busy, and yet faster than at ease, moves what is held of its ease. */
const DOWNWARD = 0.05

/**
 * Finds how many calls a host takes before it slows down, by its pace: the milliseconds that a second of audio takes
 * it. The next limit is `limit × gradient + headroom`; the gradient is the pace at ease, with some tolerance, over the
 * pace now. The pace at ease is looked at with half the calls: soon after a change, rarely when all is steady. A limit
 * that is not used stays; one under which calls fail shrinks.
 *
 * After Netflix's Gradient2Limit (smoothing, a bounded gradient, no growth of a limit that is not used) and Envoy's
 * adaptive concurrency (medians of sampling windows, headroom by the limit's root, minRTT windows). Both take all
 * requests for equal: here a clause's length is divided out. Envoy goes down to 3 requests for its minRTT; half the
 * limit costs a busy host next to nothing, and a look at a host that is still too busy is mended by the next.
 */
export class AutoLimit implements Limit {
  readonly #options: Required<AutoLimitOptions>
  /** The limit before it is rounded down. */
  #limit: number
  #ease: number | undefined
  #sample = new PaceSample()
  #isLooking = false
  /** Changes of the limit from the last look to the next, and how many there have been. */
  #interval = SOONEST
  #changes = 0
  #limitThen: number

  constructor(options: AutoLimitOptions = {}) {
    this.#options = { start: 4, min: 1, max: 1024, tolerance: 1.25, ...options }
    const { start, min, max } = this.#options
    if (![start, min, max].every(Number.isInteger) || min < 1 || start < min || max < start) {
      throw new RangeError(
        `Cannot create limit: min, start and max must be integers that rise from 1, current values are ${min}, ${start} and ${max}`,
      )
    }
    this.#limit = start
    this.#limitThen = start
  }

  get size(): number {
    return this.#isLooking ? this.#half : this.#whole
  }

  get #whole(): number {
    return Math.floor(this.#limit)
  }

  get #half(): number {
    return Math.max(this.#options.min, Math.floor(this.#limit / 2))
  }

  done(call: FinishedCall): void {
    const isAtEase = call.inFlight <= this.#half
    if (isAtEase !== this.#isLooking && this.#half < this.#whole) return // tells nothing of what is looked at
    this.#sample.add(call)
    if (this.#sample.count < Math.max(SAMPLE, this.size)) return
    const sample = this.#sample
    this.#sample = new PaceSample()
    if (this.#half === this.#whole) this.#look(sample) // as few as there may be: both at once
    if (this.#isLooking) {
      this.#look(sample)
      this.#isLooking = false
    } else {
      this.#adjust(sample)
      this.#isLooking = this.#isDue
    }
  }

  /** Whether it is time for a look: the last one was long ago, or at a host that was given far more or fewer calls. */
  get #isDue(): boolean {
    if (this.#half === this.#whole) return false
    const ratio = this.#limit / this.#limitThen
    return this.#changes >= this.#interval || ratio > 2 || ratio < 1 / 2
  }

  #look({ median }: PaceSample): void {
    const ratio = median && this.#ease ? median / this.#ease : 1
    this.#interval = ratio > CHANGED || ratio < 1 / CHANGED ? SOONEST : Math.min(LATEST, this.#interval * 2)
    this.#ease = median ?? this.#ease
    this.#changes = 0
    this.#limitThen = this.#limit
  }

  #adjust({ median, failures }: PaceSample): void {
    const { min, max } = this.#options
    const most = Math.min(max, this.#whole + Math.max(1, this.#whole * GROWTH))
    const gradient = this.#gradient(median)
    const next =
      failures > 0
        ? this.#limit * Math.max(LEAST_GRADIENT, Math.min(1, gradient) * (1 - failures))
        : this.#limit * gradient + HEADROOM * Math.sqrt(this.#limit)
    const limit = this.#limit + (next - this.#limit) * SMOOTHING
    this.#limit = Math.max(min, Math.min(most, limit))
    this.#changes++
  }

  #gradient(pace: number | undefined): number {
    if (pace === undefined) return 1
    this.#ease ??= pace
    if (pace < this.#ease) this.#ease += (pace - this.#ease) * DOWNWARD
    return Math.max(LEAST_GRADIENT, (this.#options.tolerance * this.#ease) / pace)
  }
}
