import { clock } from '../telemetry/clock.ts'
export interface RateLimitOptions {
  readonly perSecond: number
  /** Milliseconds since some moment. @default performance.now */
  readonly now?: () => number
}

/** A host that asks for a longer pause, by mistake or for good, is asked again after this. */
const LONGEST_PAUSE_MS = 300_000
/** What is left of a wait by rounding. */
const NOTHING_MS = 1e-6

/**
 * Holds the calls to a host to so many a second, of which a tenth may come at once, and to none while the host wants a
 * pause. A clock that jumps back makes nobody wait longer; one that jumps forward lets no more than that tenth through.
 */
export class RateLimit {
  readonly #now: () => number
  readonly #everyMs: number
  /** How far the calls may be ahead of their rate. */
  readonly #aheadMs: number
  /** How far they are. */
  #debtMs = 0
  #pauseMs = 0
  #at: number

  constructor({ perSecond, now = clock }: RateLimitOptions) {
    if (!(perSecond > 0)) {
      throw new RangeError(`Cannot limit rate: perSecond must be positive, current value is ${perSecond}`)
    }
    this.#now = now
    this.#everyMs = 1000 / perSecond
    this.#aheadMs = (Math.max(1, Math.floor(perSecond / 10)) - 1) * this.#everyMs
    this.#at = now()
  }

  /** How long until a call may begin that `after` others go before: 0 when it may now. */
  waitMs(after = 0): number {
    this.#pass()
    const wait = Math.max(0, this.#debtMs + after * this.#everyMs - this.#aheadMs, this.#pauseMs)
    return wait > NOTHING_MS ? wait : 0
  }

  /** How long the host still wants its pause, in milliseconds. */
  pausedMs(): number {
    this.#pass()
    return this.#pauseMs > NOTHING_MS ? this.#pauseMs : 0
  }

  /** Counts a call that begins now, its turn or not. */
  take(): void {
    this.#pass()
    this.#debtMs += this.#everyMs
  }

  /** Lets no call begin for `ms`, five minutes at most; the longest pause counts. */
  pause(ms: number): void {
    this.#pass()
    if (ms > this.#pauseMs) this.#pauseMs = Math.min(ms, LONGEST_PAUSE_MS)
  }

  /** Ends a pause. */
  resume(): void {
    this.#pauseMs = 0
  }

  #pass(): void {
    const now = this.#now()
    const passed = Math.max(0, now - this.#at)
    this.#at = now
    this.#debtMs = Math.max(0, this.#debtMs - passed)
    this.#pauseMs = Math.max(0, this.#pauseMs - passed)
  }
}
