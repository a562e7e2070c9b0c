import { Change } from '../pcm/change.ts'
import type { SpoolBudget } from '../pcm/spool-budget.ts'
import { moreOf } from '../pcm/supply.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import { clock } from '../telemetry/clock.ts'

export interface LookaheadOptions {
  /** Audio that hosts may be ahead of what the listener has taken, in seconds. */
  readonly seconds: number
  /** Clauses that may be with hosts at once. */
  readonly clauses: number
  /** `realtime` counts audio as taken no sooner than it can have been heard. */
  readonly pace: 'fast' | 'realtime'
  readonly budget: Pick<SpoolBudget, 'ease' | 'isFull' | 'isTight' | 'onEase' | 'promise' | 'waiting'>
  /** @default performance.now */
  readonly now?: () => number
  /** @default setTimeout */
  readonly setTimer?: SetTimer
}

/** One clause's share of what has been asked of hosts. */
export interface Ask {
  /** Audio has come. */
  arrived(seconds: number): void
  /** No more will come. */
  ended(): void
  /** None will come, and what came is thrown away. */
  forgotten(): void
}

/** Audio that is yet to come is reckoned at 24 kHz: CosyVoice 2 and 3 have that rate, others one like it. */
const BYTES_PER_SECOND = 48_000
/** Sums of the same seconds, added in another order, differ by less. */
const NOTHING_SECONDS = 1e-3

/**
 * Decides when one listener's next clause may go to a host: when its host calls are few enough and the audio
 * asked for is at most `seconds` past what the listener has taken; less as the budget fills. While it is tight, only
 * a listener who waits and has nothing left to hear may ask: one who has stalled wants nothing.
 */
export class Lookahead implements Ledger {
  readonly #options: Required<LookaheadOptions>
  #asked = 0
  #running = 0
  #taken = 0
  #firstTakenAt: number | undefined
  #wanted = false
  /** Bytes promised for the clause that is about to be asked for. */
  #reserved = 0
  #stopped: { readonly reason: unknown } | undefined
  readonly #changed = new Change()

  constructor({ now = clock, setTimer = setRealTimer, ...options }: LookaheadOptions) {
    this.#options = { now, setTimer, ...options }
  }

  /** Seconds of audio asked of hosts that the listener has not taken. */
  get ahead(): number {
    return this.#asked - this.#heard()
  }

  /**
   * Counts a clause as asked for, at first with the seconds that its text should take. The budget reckons with a first
   * clause only from its first audio on: it is asked for in any case, and thousands may wait for a host. If they took
   * all the room, no reply that has begun could go on.
   */
  ask(estimate: number, { isFirst = false }: { readonly isFirst?: boolean } = {}): Ask {
    const ask = new Share(estimate, this)
    ask.begin({ isPromised: !isFirst })
    this.#reserve(0)
    this.#running++
    return ask
  }

  count(seconds: number): void {
    this.#asked += seconds
  }

  promise(bytes: number): void {
    this.#options.budget.promise(bytes)
  }

  ended(): void {
    this.#running--
    this.#changed.wake()
  }

  /** Counts audio that has gone to the listener. */
  took(seconds: number): void {
    this.#firstTakenAt ??= this.#options.now()
    this.#taken += seconds
    this.#changed.wake()
  }

  /** Tells whether the listener waits for audio now. */
  want(wanted: boolean): void {
    this.#wanted = wanted
    if (wanted) this.#changed.wake()
  }

  /**
   * Resolves when the next clause may be asked for, which must follow at once; rejects when it is stopped. Room for its
   * seconds is kept from then on: many listeners may be waiting for the same. One clause of a listener waits at a time.
   */
  async room(seconds = 0): Promise<void> {
    if (!this.#stopped && this.#mayAsk()) return this.#reserve(seconds)
    const { budget } = this.#options
    using _eased = budget.onEase(() => this.#changed.wake())
    using _waiting = budget.waiting(this) // the budget may fill up meanwhile
    while (!this.#stopped && !this.#mayAsk()) await this.#change()
    if (this.#stopped) throw this.#stopped.reason
    this.#reserve(seconds)
  }

  /** Lets nobody ask any more: who waits for room, or will, gets `reason`; the first one counts. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason }
    this.#changed.wake()
  }

  /** Why nobody may ask any more, when that is so. */
  get stopped(): { readonly reason: unknown } | undefined {
    return this.#stopped
  }

  #reserve(seconds: number): void {
    const bytes = bytesIn(seconds)
    this.#options.budget.promise(bytes - this.#reserved)
    this.#reserved = bytes
  }

  #mayAsk(): boolean {
    const { budget, clauses, seconds } = this.#options
    const nothingLeft = this.#running === 0 && this.ahead < NOTHING_SECONDS
    if (nothingLeft) return !budget.isTight || (this.#wanted && !budget.isFull)
    return this.#running < clauses && this.ahead < seconds * budget.ease
  }

  #heard(): number {
    if (this.#options.pace === 'fast' || this.#firstTakenAt === undefined) return this.#taken
    return Math.min(this.#taken, (this.#options.now() - this.#firstTakenAt) / 1000)
  }

  /** Waits for a change, or for the clock to have heard enough. */
  async #change(): Promise<void> {
    const { setTimer, seconds, budget } = this.#options
    const late = this.#taken > this.#heard() && this.#running < this.#options.clauses
    const stop = late
      ? setTimer((this.ahead - seconds * budget.ease) * 1000 + 1, () => this.#changed.wake())
      : undefined
    await moreOf(this.#changed)
    stop?.()
  }
}

/** Where one clause's share is counted. */
interface Ledger {
  /** Seconds more that are asked of hosts, or with a minus fewer. */
  count(seconds: number): void
  /** Bytes more that are yet to come, or with a minus fewer. */
  promise(bytes: number): void
  /** No more will come. */
  ended(): void
}

class Share implements Ask {
  readonly #estimate: number
  readonly #ledger: Ledger
  #counted = 0
  #promised = 0
  #actual = 0

  constructor(estimate: number, ledger: Ledger) {
    this.#estimate = estimate
    this.#ledger = ledger
  }

  begin({ isPromised }: { readonly isPromised: boolean }): void {
    this.#count(this.#estimate)
    if (isPromised) this.#promise(this.#estimate)
  }

  arrived(seconds: number): void {
    this.#actual += seconds
    this.#count(Math.max(this.#estimate, this.#actual))
    this.#promise(Math.max(0, this.#estimate - this.#actual))
  }

  ended(): void {
    this.#end(this.#actual)
  }

  forgotten(): void {
    this.#end(0)
  }

  #end(seconds: number): void {
    this.#count(seconds)
    this.#promise(0)
    this.#ledger.ended()
  }

  #count(seconds: number): void {
    this.#ledger.count(seconds - this.#counted)
    this.#counted = seconds
  }

  #promise(seconds: number): void {
    const bytes = bytesIn(seconds)
    this.#ledger.promise(bytes - this.#promised)
    this.#promised = bytes
  }
}

/** Whole bytes, which add up to exactly nothing in the end. */
const bytesIn = (seconds: number): number => Math.round(seconds * BYTES_PER_SECOND)
