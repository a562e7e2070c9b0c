import { clock } from '../telemetry/clock.ts'
import { SlidingWindow } from './sliding-window.ts'

export interface CircuitOptions {
  /** Different failures in a row until it opens. @default 3 */
  readonly failures?: number
  /** Failures, as a share of all calls in the window, at which it opens; those that are one count once. @default 0.5 */
  readonly share?: number
  /** Calls in the window below which the share says nothing. @default 20 */
  readonly calls?: number
  /** @default 10000 */
  readonly windowMs?: number
  /** How long it stays open before a probe, in milliseconds. @default 30000 */
  readonly openMs?: number
  /** @default performance.now */
  readonly now?: (() => number) | undefined
}

export type CircuitState = 'closed' | 'open' | 'half-open'

/** What a failure is known by: failures that have one in common are one. */
type Marks = readonly unknown[]

/** What a circuit does as calls end. */
interface Ends {
  succeeded(pass: Pass): void
  failed(pass: Pass, marks: Marks): boolean
  left(pass: Pass): void
}

/** A call that a circuit has let through; it ends by one of these. */
export class Pass {
  /** How often the circuit had turned when it began. */
  readonly epoch: number
  readonly isProbe: boolean
  readonly #ends: Ends

  constructor(ends: Ends, { epoch, isProbe }: Pick<Pass, 'epoch' | 'isProbe'>) {
    this.#ends = ends
    this.epoch = epoch
    this.isProbe = isProbe
  }

  succeed(): void {
    this.#ends.succeeded(this)
  }

  /** Counts a failure, known by its request and by what else may be at fault; tells whether it has opened the circuit. */
  fail(...marks: Marks): boolean {
    return this.#ends.failed(this, marks)
  }

  /** Ends a call that says nothing about the host. */
  leave(): void {
    this.#ends.left(this)
  }
}

/** Counts failures that have no mark in common with one that is counted. */
class Failures {
  readonly #marks = new Set<unknown>()
  size = 0

  hasAny(marks: Marks): boolean {
    return marks.some((mark) => this.#marks.has(mark))
  }

  add(marks: Marks): void {
    if (this.hasAny(marks)) return // nor are its other marks kept: one bad text may be asked for without end
    for (const mark of marks) this.#marks.add(mark)
    this.size++
  }
}

interface Slice {
  good: number
  readonly bad: Failures
}

/** The one request that may make calls of a half-open circuit. */
interface Probe {
  readonly request: unknown
  /** Those under way. */
  readonly calls: Set<Pass>
}

/**
 * Counts how calls end and says whether the next may be made: closed, then open for `openMs`, then half-open, where one
 * request at a time may go, with all its clauses: the rest of its reply would be lost otherwise. The probe alone decides,
 * by the first of its calls that ends; calls that began before it opened count no more. It is open equally long after a
 * failed probe: a host that was restarted is found soon, and a dead one costs a request in `openMs`.
 */
export class Circuit {
  readonly openMs: number
  readonly #failures: number
  readonly #share: number
  readonly #calls: number
  readonly #now: () => number
  readonly #window: SlidingWindow<Slice>
  #row = new Failures()
  #epoch = 0
  #openedAt: number | undefined
  #probe: Probe | undefined
  /** Calls that began before it opened or closed count no more. */
  readonly #ends: Ends = {
    succeeded: ({ epoch, isProbe }) => {
      if (epoch !== this.#epoch) return
      if (isProbe) return this.#turn(undefined)
      if (this.#row.size > 0) this.#row = new Failures()
      this.#window.current.good++
    },
    failed: ({ epoch, isProbe }, marks) => {
      if (epoch !== this.#epoch || (!isProbe && !this.#isTooMany(marks))) return false
      this.#turn(this.#now())
      return true
    },
    left: (pass) => {
      if (pass.epoch !== this.#epoch) return
      if (this.#probe?.calls.delete(pass) && this.#probe.calls.size === 0) this.#probe = undefined
    },
  }

  constructor({
    failures = 3,
    share = 0.5,
    calls = 20,
    windowMs = 10_000,
    openMs = 30_000,
    now = clock,
  }: CircuitOptions = {}) {
    this.openMs = openMs
    this.#failures = failures
    this.#share = share
    this.#calls = calls
    this.#now = now
    this.#window = new SlidingWindow({
      ms: windowMs,
      make: () => ({ good: 0, bad: new Failures() }),
      now,
    })
  }

  /** Closes it, with nothing counted. */
  reset(): void {
    this.#turn(undefined)
  }

  get state(): CircuitState {
    if (this.#openedAt === undefined) return 'closed'
    return this.waitMs > 0 ? 'open' : 'half-open'
  }

  /** Whether a call may be made now; half-open, of `request` also when its probe is under way. */
  allows(request?: unknown): boolean {
    if (this.waitMs > 0) return false
    return !this.#probe || (request !== undefined && request === this.#probe.request)
  }

  /** How long until it is no longer open, in milliseconds. */
  get waitMs(): number {
    if (this.#openedAt === undefined) return 0
    this.#openedAt = Math.min(this.#openedAt, this.#now()) // a clock that went back must not make it longer
    return Math.max(0, this.#openedAt + this.openMs - this.#now())
  }

  /** Begins a call that is allowed; a half-open circuit allows no other request's until it has ended. */
  enter(request?: unknown): Pass {
    const isProbe = this.#openedAt !== undefined
    const pass = new Pass(this.#ends, { epoch: this.#epoch, isProbe })
    if (isProbe) {
      this.#probe ??= { request, calls: new Set() }
      this.#probe.calls.add(pass)
    }
    return pass
  }

  #isTooMany(marks: Marks): boolean {
    this.#row.add(marks)
    const isCounted = this.#window.slices.some(({ bad }) => bad.hasAny(marks))
    if (!isCounted) this.#window.current.bad.add(marks)
    return this.#row.size >= this.#failures || this.#isMostlyBad()
  }

  #isMostlyBad(): boolean {
    let [good, bad] = [0, 0]
    for (const slice of this.#window.slices) {
      good += slice.good
      bad += slice.bad.size
    }
    return good + bad >= this.#calls && bad >= this.#share * (good + bad)
  }

  #turn(openedAt: number | undefined): void {
    this.#openedAt = openedAt
    this.#epoch++
    this.#probe = undefined
    this.#row = new Failures()
    this.#window.clear()
  }
}
