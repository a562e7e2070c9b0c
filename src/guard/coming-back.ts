import { SpeechError } from '../errors.ts'
import type { Clause, Pcm, Signal, Synthesize, SynthesizeOptions } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'

export interface AwaitBackOptions {
  /** When the clause was asked for, in milliseconds of the clock. */
  readonly since: number
  /** How long to wait at most, in milliseconds. */
  readonly maxMs: number
  readonly signal: Signal
}

/** What is known of hosts that take no connections. */
export interface Away {
  /**
   * Waits for those that have the clause's voice, are away and expected back; gives the id of one that has come back since
   * it was asked, and nothing when none has, as soon as none is expected any more.
   */
  awaitBack(clause: Clause, options: AwaitBackOptions): Promise<string | undefined>
  /** What a caller is told where all that have the clause's voice take no connections. */
  awayError(clause: Clause): SpeechError | undefined
}

export interface ComingBackOptions {
  readonly hosts: Away
  /** How long a clause is waited for after it has failed, at most, in milliseconds. */
  readonly maxMs: number
  /** How many may wait at once; when as many do, who has less than their tenant's share of them may yet. */
  readonly most: number
  /** The clock of `Claim.deadlineAt`. @default performance.now */
  readonly now?: () => number
}

/**
 * Asks once more for a clause that no host could say when one is back that had gone: a host that is started again is
 * waited for, by those whom nobody else can serve, as long as their deadline and `maxMs` allow. Not more often, as the text
 * may be what ends the host. Rejects with the last failure, or with what keeps hosts from taking connections.
 */
export function comingBack({ hosts, maxMs, most, now = clock }: ComingBackOptions) {
  const room = new WaitingShares(most)

  const sayOnceBack = async (
    next: Synthesize,
    { clause, since, error, ...options }: Failed,
  ): Promise<Pcm> => {
    const { signal, claim } = options
    const leave = room.enter(claim?.tenant.id ?? '')
    if (!leave) throw error
    const left = Math.min(maxMs, (claim?.deadlineAt ?? Infinity) - now())
    const host = await hosts.awaitBack(clause, { since, maxMs: left, signal }).finally(leave)
    signal.throwIfAborted()
    if (host === undefined) throw error
    claim?.tell({ type: 'retried', host, error })
    return next(clause, options)
  }

  return (next: Synthesize): Synthesize =>
    async (clause, options) => {
      const since = now()
      try {
        return await next(clause, options).catch((thrown) => {
          const error = SpeechError.from(thrown)
          if (options.signal.aborted || !mayBeAway(error)) throw thrown
          return sayOnceBack(next, { clause, since, error, ...options })
        })
      } catch (thrown) {
        throw (mayBeAway(SpeechError.from(thrown)) && hosts.awayError(clause)) || thrown
      }
    }
}

interface Failed extends SynthesizeOptions {
  readonly clause: Clause
  readonly since: number
  readonly error: SpeechError
}

/** Whether the host may have gone: its connection was refused or broke off, or all that waited for it was sent away. */
const mayBeAway = ({ source, code, retryable }: SpeechError): boolean =>
  source !== 'client' && retryable && (code === 'unavailable' || code === 'upstream')

/** Counts who waits, by tenant: when all places are taken, who has fewer than an equal share of them is let in nevertheless. */
class WaitingShares {
  readonly #most: number
  readonly #waiting = new Map<string, number>()
  #all = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Lets one in; gives what lets them out again, and nothing when there is no room. */
  enter(tenant: string): (() => void) | undefined {
    const own = this.#waiting.get(tenant) ?? 0
    const tenants = this.#waiting.size + Number(own === 0)
    if (this.#all >= this.#most && own >= this.#most / tenants) return undefined
    this.#count(tenant, 1)
    return () => this.#count(tenant, -1)
  }

  #count(tenant: string, change: 1 | -1): void {
    const own = (this.#waiting.get(tenant) ?? 0) + change
    this.#all += change
    if (own > 0) this.#waiting.set(tenant, own)
    else this.#waiting.delete(tenant)
  }
}
