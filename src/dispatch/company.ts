import type { Clause } from '../speech.ts'

export interface CompanyOptions {
  /** Most that go together. */
  readonly max: number
  /** Sizes that are best; there is no wait at one of them. */
  readonly preferred?: readonly number[]
  /** The longest wait, in milliseconds. */
  readonly maxDelayMs: number
}

/** Who may go now. */
export interface Party {
  readonly kind: string
  /** How many of the kind wait. */
  readonly size: number
  /** Since when the first of them has waited. */
  readonly since: number
  /** Calls that the host is at. */
  readonly running: number
  readonly now: number
}

interface Arrivals {
  last: number
  /** Mean time between two, in milliseconds. */
  gap: number
}

/** What the newest gap counts in the mean. */
const SMOOTHING = 0.25
/** Kinds whose arrivals are remembered. */
const MOST_KINDS = 256

/**
 * Says who may share a call, and how long clauses should wait for others to share it with. They never wait while the host
 * is idle, with a full party or one of a preferred size; else as long as one more is expected to come within what is left
 * of the delay. It is expected after the mean time between arrivals of its kind, or after as long as none has come by now,
 * whichever is longer.
 */
export class Company {
  readonly #options: CompanyOptions
  readonly #preferred: ReadonlySet<number>
  readonly #arrivals = new Map<string, Arrivals>()
  /** Clauses that go alone, and how many kinds of their own there have been. */
  readonly #alone = new WeakSet<Clause>()
  #alones = 0
  /** When a place was first left free for company. */
  #heldSince: number | undefined

  constructor(options: CompanyOptions) {
    this.#options = options
    this.#preferred = new Set(options.preferred)
  }

  /** What a clause must have in common with those that it shares a call with. */
  kindOf(clause: Clause): string {
    if (this.#alone.has(clause)) return `${this.#alones++}`
    const { voice, language, speed, instructions, seed } = clause
    return JSON.stringify([voice, language, speed, instructions, seed])
  }

  /** Has a clause go alone from now on. */
  isolate(clause: Clause): void {
    this.#alone.add(clause)
  }

  /** Counts one that has come. */
  arrived(kind: string, now: number): void {
    const before = this.#arrivals.get(kind)
    this.#arrivals.delete(kind) // the latest is the last in the map
    this.#arrivals.set(kind, { last: now, gap: before ? meanGap(before, now) : Number.POSITIVE_INFINITY })
    if (this.#arrivals.size <= MOST_KINDS) return
    const [oldest] = this.#arrivals.keys()
    this.#arrivals.delete(oldest!)
  }

  /** How long to wait until asked again, in milliseconds; 0 says go. */
  holdMs({ kind, size, running, since, now }: Party): number {
    const { max, maxDelayMs } = this.#options
    if (running === 0 || size >= max || this.#preferred.has(size)) return 0
    const left = maxDelayMs - (now - Math.min(since, this.#heldSince ?? now))
    const arrivals = this.#arrivals.get(kind)
    const expected = arrivals ? Math.max(arrivals.gap, now - arrivals.last) : Number.POSITIVE_INFINITY
    if (left < 1 || expected > left) return 0
    this.#heldSince ??= now
    return Math.max(1, left / 2) // by then it may be plain that nobody comes
  }

  /** A call has begun. */
  left(): void {
    this.#heldSince = undefined
  }
}

function meanGap({ last, gap }: Arrivals, now: number): number {
  const newest = now - last
  return Number.isFinite(gap) ? gap + SMOOTHING * (newest - gap) : newest
}
