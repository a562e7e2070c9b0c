import { SpeechError } from '../errors.ts'
import { isClosed } from '../hosts/remote/failure.ts'
import type { Clause, Signal, Synthesize, SynthesizeOptions } from '../speech.ts'
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
 * Asks again for a clause that no host could say when one is back that had gone: a host that is started again is waited
 * for, by those whom nobody else can serve, as long as their deadline and `maxMs` allow. What a host had taken on before it
 * went is asked for once more only, as the text may be what ended it. Rejects with the last failure, or with what keeps
 * hosts from taking connections.
 */
export function comingBack({ hosts, maxMs, most, now = clock }: ComingBackOptions) {
  const room = new WaitingShares(most)

  /** Gives the id of a host that is back. */
  const awaited = async (clause: Clause, { signal, claim, ...wait }: Wait): Promise<string | undefined> => {
    const leave = wait.maxMs > 0 && room.enter(claim?.tenant.id ?? '')
    return leave ? hosts.awaitBack(clause, { signal, ...wait }).finally(leave) : undefined
  }

  return (next: Synthesize): Synthesize =>
    async (clause, options) => {
      const { signal, claim } = options
      let until = claim?.deadlineAt ?? Infinity
      for (let takenOn = 0; ; ) {
        const since = now()
        try {
          return await next(clause, options)
        } catch (thrown) {
          const error = SpeechError.from(thrown)
          if (signal.aborted || !mayBeAway(error)) throw thrown
          if (wasTakenOn(error)) takenOn++
          until = Math.min(until, now() + maxMs) // from the first failure on
          const host =
            takenOn > ONCE_MORE
              ? undefined
              : await awaited(clause, { since, maxMs: until - now(), ...options })
          signal.throwIfAborted()
          if (host === undefined) throw hosts.awayError(clause) ?? thrown
          claim?.tell({ type: 'retried', host, error })
        }
      }
    }
}

/** How often what a host had taken on may be asked for again. */
const ONCE_MORE = 1

interface Wait extends SynthesizeOptions, AwaitBackOptions {
  readonly signal: Signal
}

/** Whether the host may have gone: its connection was refused or broke off, or all that waited for it was sent away. */
const mayBeAway = ({ source, code, retryable }: SpeechError): boolean =>
  source !== 'client' && retryable && (code === 'unavailable' || code === 'upstream')

/** Whether a host had begun with what failed: not where its connection was refused, or nobody was asked. */
function wasTakenOn(error: SpeechError): boolean {
  const failures: readonly unknown[] = error.cause instanceof AggregateError ? error.cause.errors : [error]
  return failures.some(
    (each) =>
      each instanceof SpeechError &&
      each.source === 'host' &&
      (each.code === 'upstream' || isClosed(each.cause)),
  )
}

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
