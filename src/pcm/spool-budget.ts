import { SpeechError } from '../errors.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import { clock } from '../telemetry/clock.ts'

/** What the budget must know of a spool. */
export interface Spooled {
  /** Whether it holds all that it may. */
  readonly isFull: boolean
  /** When its listener last took audio, or could first have, in milliseconds of the budget's clock. */
  readonly touchedAt: number
  fail(reason: unknown): void
}

export interface SpoolBudgetOptions {
  /** Bytes that all spools of this process may hold together. */
  readonly bytes: number
  /** How long a listener may leave audio unread while others wait because of it, in milliseconds. */
  readonly stallMs: number
  /** @default performance.now */
  readonly now?: () => number
  /** Calls back again and again; gives what stops it. @default setInterval, not keeping the process alive */
  readonly every?: (ms: number, tick: () => void) => () => void
  /** @default setTimeout */
  readonly setTimer?: SetTimer
}

/** Who waits for ease is woken no more often: at the brink each piece of audio makes it tight or eases it. */
const REST_MS = 20

/**
 * Counts the audio that waits for listeners in the whole process, and what hosts have been asked for. The more it is,
 * the less is read ahead, and nothing past half; the last eighth is for those who have heard nothing yet. Hosts never
 * wait for memory: what they are saying still comes. While anybody waits for room, listeners who have stalled are cut
 * off.
 */
export class SpoolBudget {
  readonly bytes: number
  readonly now: () => number
  readonly #stallMs: number
  readonly #every: NonNullable<SpoolBudgetOptions['every']>
  readonly #spools = new Set<Spooled>()
  readonly #waiting = new Set<object>()
  readonly #wakes = new Set<() => void>()
  #used = 0
  #promised = 0
  #stop: (() => void) | undefined
  readonly #setTimer: SetTimer
  #wokenAt = Number.NEGATIVE_INFINITY
  #isToWake = false

  constructor({ bytes, stallMs, ...options }: SpoolBudgetOptions) {
    const { now = clock, every = interval, setTimer = setRealTimer } = options
    if (!(bytes > 0)) {
      throw new RangeError(`Cannot create spool budget: bytes must be positive, current value is ${bytes}`)
    }
    this.bytes = bytes
    this.now = now
    this.#stallMs = stallMs
    this.#every = every
    this.#setTimer = setTimer
  }

  get used(): number {
    return this.#used
  }

  /** The share of the usual lookahead that there is room for: 1 when nothing waits, 0 from half on. */
  get ease(): number {
    return Math.max(0, 1 - (2 * (this.#used + this.#promised)) / this.bytes)
  }

  /** True from half on: only listeners who wait and have nothing left to hear may ask for more. */
  get isTight(): boolean {
    return this.ease === 0
  }

  /** True in the last eighth: only a first clause may be asked for. */
  get isFull(): boolean {
    return this.#used + this.#promised >= this.bytes * (7 / 8)
  }

  /** True when so much waits that nothing may be asked for. */
  get isSpent(): boolean {
    return this.#used >= this.bytes
  }

  /** Counts audio that has come, or with a minus that has been read. */
  use(bytes: number): void {
    const { isFull, isTight } = this
    this.#used += bytes
    this.#changed({ isFull, isTight })
  }

  /** Counts audio that a host has been asked for, or with a minus that need no longer be reckoned with. */
  promise(bytes: number): void {
    const { isFull, isTight } = this
    this.#promised += bytes
    this.#changed({ isFull, isTight })
  }

  #changed(before: Pick<this, 'isFull' | 'isTight'>): void {
    const eased = (before.isFull && !this.isFull) || (before.isTight && !this.isTight)
    if (eased) this.#wakeSoon()
  }

  #wakeSoon(): void {
    if (this.#isToWake || this.#wakes.size === 0) return
    const ms = this.#wokenAt + REST_MS - this.now()
    this.#isToWake = ms > 0 && ms <= REST_MS // a clock that went back keeps nobody waiting
    if (this.#isToWake) this.#setTimer(ms, () => this.#wake())
    else this.#wake()
  }

  #wake(): void {
    this.#isToWake = false
    this.#wokenAt = this.now()
    for (const wake of this.#wakes) wake()
  }

  /** Calls `wake` when it has got less tight or less full, soon and not too often, until disposed of. */
  onEase(wake: () => void): Disposable {
    this.#wakes.add(wake)
    return { [Symbol.dispose]: () => void this.#wakes.delete(wake) }
  }

  enter(spool: Spooled): void {
    this.#spools.add(spool)
  }

  leave(spool: Spooled): void {
    this.#spools.delete(spool)
  }

  /** Marks one who waits for room; stalled listeners are looked for until it is disposed of. */
  waiting(who: object): Disposable {
    this.#waiting.add(who)
    this.#stop ??= this.#every(Math.min(1_000, this.#stallMs), () => this.#cutOff())
    return {
      [Symbol.dispose]: () => {
        this.#waiting.delete(who)
        if (this.#waiting.size > 0) return
        this.#stop?.()
        this.#stop = undefined
      },
    }
  }

  /** Cuts off who keeps a full spool, and the longest stalled of all until there is room for those who wait. */
  #cutOff(): void {
    const stalled = [...this.#spools]
      .filter(({ touchedAt }) => this.now() - touchedAt >= this.#stallMs)
      .sort((a, b) => a.touchedAt - b.touchedAt)
    for (const spool of stalled) {
      if (spool.isFull || this.isFull) spool.fail(listenerStalled(this.#stallMs))
    }
  }
}

const listenerStalled = (ms: number) =>
  new SpeechError(`Listener stalled: it left audio unread for over ${ms / 1000} seconds`, {
    code: 'exhausted',
    source: 'client',
  })

function interval(ms: number, tick: () => void): () => void {
  const timer = setInterval(tick, ms)
  unref(timer)
  return () => clearInterval(timer)
}

// Bun's timers are objects, Deno's may be numbers: neither must keep a finished process alive.
function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref()
}
