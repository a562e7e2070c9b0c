import { SpeechError } from '../errors.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import type { CallEvent, Claim, Guard } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'
import { sleep } from './sleep.ts'

export interface KeptOnOptions {
  /** How long a clause is asked for after it was first refused, in milliseconds. */
  readonly maxMs: number
  /** From 0 up to 1. @default Math.random */
  readonly random?: () => number
  /** @default performance.now */
  readonly now?: () => number
  /** @default setTimeout */
  readonly setTimer?: SetTimer | undefined
}

/** The least and the most from one refusal to the next try, in milliseconds. */
const [LEAST_MS, MOST_MS] = [50, 1_000]

/**
 * Asks again for a clause of a reply that has begun while queues are full: its listener has audio ahead, and would rather
 * wait than be cut off. First clauses are refused at once. Only the last refusal is told.
 */
export const keptOn =
  ({ maxMs, random = Math.random, now = clock, setTimer = setRealTimer }: KeptOnOptions): Guard =>
  (next) =>
  async (clause, { claim, ...options }) => {
    if (clause.index === 0) return next(clause, { claim, ...options })
    const refusals = new Refusals(claim)
    let until = Number.POSITIVE_INFINITY
    for (;;) {
      try {
        return await next(clause, { claim: refusals.claim, ...options })
      } catch (thrown) {
        const { code, source, retryAfterMs = 0 } = SpeechError.from(thrown)
        const isFull = code === 'overloaded' && source === 'proxy'
        if (!isFull || options.signal.aborted) throw thrown
        until = Math.min(until, now() + maxMs) // from the first refusal on
        if (now() >= until) {
          refusals.tell()
          throw thrown
        }
        const most = Math.min(MOST_MS, Math.max(2 * LEAST_MS, retryAfterMs))
        await sleep(LEAST_MS + random() * (most - LEAST_MS), { signal: options.signal, setTimer })
      }
    }
  }

/** Holds refusals back, but for the last. */
class Refusals {
  readonly claim: Claim | undefined
  readonly #told: Claim | undefined
  #last: CallEvent | undefined

  constructor(claim: Claim | undefined) {
    this.#told = claim
    this.claim = claim && { ...claim, tell: (event) => this.#hear(event) }
  }

  tell(): void {
    if (this.#last) this.#told?.tell(this.#last)
  }

  #hear(event: CallEvent): void {
    if (event.type === 'refused') this.#last = event
    else this.#told?.tell(event)
  }
}
