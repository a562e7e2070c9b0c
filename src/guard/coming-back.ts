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
  /** How long one clause waits at most, in milliseconds. */
  readonly maxMs: number
  /** How many may wait at once. */
  readonly most: number
  /** The clock of `Claim.deadlineAt`. @default performance.now */
  readonly now?: () => number
}

/**
 * Asks again for a clause that no host could say once one is back that had gone: a host that is started again is waited
 * for, by those whom nobody else can serve, as long as their deadline and `maxMs` allow. Rejects with the last failure.
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
      const until = Math.min(now() + maxMs, claim?.deadlineAt ?? Infinity)
      for (;;) {
        const since = now()
        try {
          return await next(clause, options)
        } catch (thrown) {
          const left = until - now()
          const isWorthIt = left > 0 && !signal.aborted && mayBeAway(SpeechError.from(thrown))
          if (!isWorthIt || !(await isBack(clause, { since, maxMs: left, signal }))) throw thrown
        }
      }
    }
}

/** Whether the host may have gone: its connection was refused or broke off, or all that waited for it was sent away. */
const mayBeAway = ({ source, code, retryable }: SpeechError): boolean =>
  source !== 'client' && retryable && (code === 'unavailable' || code === 'upstream')
