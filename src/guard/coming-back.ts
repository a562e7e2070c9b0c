import { SpeechError } from '../errors.ts'
import type { Clause, Signal, Synthesize } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'

export interface AwaitBackOptions {
  /** The clause's host was asked then, in milliseconds of the clock. */
  readonly since: number
  /** How long to wait at most, in milliseconds. */
  readonly maxMs: number
  readonly signal: Signal
}

/** Waits for hosts that take no connections and are expected to soon; tells whether one has come back since it was asked. */
export type AwaitBack = (clause: Clause, options: AwaitBackOptions) => Promise<boolean>

export interface ComingBackOptions {
  readonly awaitBack: AwaitBack
  /** How long one clause is waited for after its first failure, at most, in milliseconds. */
  readonly maxMs: number
  /** How many may wait at once. */
  readonly most: number
  /** The clock of `Claim.deadlineAt`. @default performance.now */
  readonly now?: () => number
}

/**
 * Asks again for a clause that no host could say once one is back that had gone: a host that is started again is waited
 * for, by those whom nobody else can serve, as long as their deadline and `maxMs` allow. A call that broke off is made once
 * more only: the text may be what ends the host. Rejects with the last failure.
 */
export function comingBack({ awaitBack, maxMs, most, now = clock }: ComingBackOptions) {
  let waiting = 0
  const isBack: AwaitBack = async (clause, options) => {
    if (waiting >= most) return false
    waiting++
    return awaitBack(clause, options).finally(() => waiting--)
  }
  return (next: Synthesize): Synthesize =>
    async (clause, options) => {
      const { signal, claim } = options
      let until = claim?.deadlineAt ?? Infinity
      for (let broken = 0; ; ) {
        const since = now()
        try {
          return await next(clause, options)
        } catch (thrown) {
          const error = SpeechError.from(thrown)
          until = Math.min(until, now() + maxMs) // of the first failure, which is the soonest
          const left = until - now()
          if (error.code === 'upstream') broken++
          const isWorthIt = left > 0 && !signal.aborted && mayBeAway(error) && broken <= ONCE_MORE
          if (!isWorthIt || !(await isBack(clause, { since, maxMs: left, signal }))) throw thrown
        }
      }
    }
}

/** How often a call is made again that broke off, each time by a host that had gone. */
const ONCE_MORE = 1

/** Whether the host may have gone: its connection was refused or broke off, or all that waited for it was sent away. */
const mayBeAway = ({ source, code, retryable }: SpeechError): boolean =>
  source !== 'client' && retryable && (code === 'unavailable' || code === 'upstream')
