import { SpeechError } from '../errors.ts'

/** What the budget must know of a spool. */
export interface Spooled {
  /** Bytes that wait to be read. */
  readonly bytes: number
  /** Whether it holds all that it may. */
  readonly isFull: boolean
  /** When its listener last took audio, or could first have, in milliseconds of the budget's clock. */
  readonly touchedAt: number
  fail(reason: unknown): void
}

export interface SpoolBudgetOptions {
  /** Bytes that all spools of this process may hold together. */
  readonly bytes: number
  /** How long a listener may leave audio unread while a host waits because of it, in milliseconds. */
  readonly stallMs: number
  /** @default performance.now */
  readonly now?: () => number
  /** Calls back again and again; gives what stops it. @default setInterval, not keeping the process alive */
  readonly every?: (ms: number, tick: () => void) => () => void
}

/**
 * Counts the audio that waits for listeners in the whole process. Past half of it nobody is read ahead
 * for; when it is full hosts wait, and while any host waits, listeners that have stalled are cut off.
 */
export class SpoolBudget {
  readonly bytes: number
  readonly now: () => number
  readonly #stallMs: number
  readonly #every: NonNullable<SpoolBudgetOptions['every']>
  readonly #spools = new Set<Spooled>()
  readonly #blocked = new Set<Spooled>()
  readonly #wakes = new Set<() => void>()
  #used = 0
  #stop: (() => void) | undefined

  constructor({ bytes, stallMs, now = () => performance.now(), every = interval }: SpoolBudgetOptions) {
    if (!(bytes > 0)) {
      throw new RangeError(`Cannot create spool budget: bytes must be positive, current value is ${bytes}`)
    }
    this.bytes = bytes
    this.now = now
    this.#stallMs = stallMs
    this.#every = every
  }

  get used(): number {
    return this.#used
  }

  get isFull(): boolean {
    return this.#used >= this.bytes
  }

  /** True past half: only listeners who have nothing left to hear may ask for more. */
  get isTight(): boolean {
    return this.#used >= this.bytes / 2
  }

  take(bytes: number): void {
    this.#used += bytes
  }

  give(bytes: number): void {
    const { isFull, isTight } = this
    this.#used -= bytes
    if (isFull === this.isFull && isTight === this.isTight) return
    for (const wake of this.#wakes) wake()
  }

  /** Calls `wake` whenever the budget gets less full or less tight, until disposed of. */
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

  /** Marks a spool whose host waits; stalled listeners are looked for until it is disposed of. */
  blocked(spool: Spooled): Disposable {
    this.#blocked.add(spool)
    this.#stop ??= this.#every(Math.min(1_000, this.#stallMs), () => this.#cutOff())
    return {
      [Symbol.dispose]: () => {
        this.#blocked.delete(spool)
        if (this.#blocked.size > 0) return
        this.#stop?.()
        this.#stop = undefined
      },
    }
  }

  #cutOff(): void {
    const full = [...this.#blocked].filter((spool) => spool.isFull)
    const oldest = this.isFull ? [...this.#spools].sort((a, b) => a.touchedAt - b.touchedAt).slice(0, 1) : []
    for (const spool of [...full, ...oldest]) {
      if (this.now() - spool.touchedAt < this.#stallMs) continue
      spool.fail(
        new SpeechError(`Listener stalled: it left audio unread for over ${this.#stallMs / 1000} seconds`, {
          code: 'exhausted',
          source: 'client',
        }),
      )
    }
  }
}

function interval(ms: number, tick: () => void): () => void {
  const timer = setInterval(tick, ms)
  unref(timer)
  return () => clearInterval(timer)
}

// Bun's timers are objects, Deno's may be numbers: neither must keep a finished process alive.
function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref()
}
