import type { Claim, Clause } from '../speech.ts'
import type { QueueConfig } from './config.ts'
import type { Ahead, FairQueue } from './fair-queue.ts'
import type { Forecast } from './forecast.ts'
import type { HostGroup } from './host-group.ts'
import { ownBacklog, queueFull, tooLate, tooManyChars, waitTooLong, wouldBeLate } from './refusals.ts'
import { costOf } from './urgency.ts'

export interface AdmissionOptions {
  readonly host: string
  readonly bounds: Pick<QueueConfig, 'maxRequests' | 'maxChars' | 'maxWaitMs'>
  readonly queue: Pick<FairQueue<unknown>, 'cost' | 'costOf'>
  /** The queues that the bounds are of, this one among them. */
  readonly group: Pick<HostGroup, 'waiting' | 'waitingChars' | 'charsOf' | 'makeRoom'>
  readonly forecast: Forecast
  readonly now: () => number
}

/** How things stand at the host when a clause comes. */
export interface Situation {
  /** Whether the clause can go at once. */
  readonly isFree: boolean
  /** Places that are held. */
  readonly taken: number
}

interface Arrival extends Situation {
  readonly clause: Clause
  readonly claim: Claim
  readonly ahead: Ahead
}

/** Of the queue, what speeches may begin with: a speech that has begun is worth more than one that has not. */
export const FOR_FIRST = 7 / 8
const NEVER = Number.POSITIVE_INFINITY

/** Keeps out of a queue what it has no room for, and what could only wait in vain. */
export class Admission {
  readonly #options: AdmissionOptions

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /** Throws a `SpeechError` when a clause must not wait: the deadline is that of a first clause. */
  check(clause: Clause, claim: Claim, situation: Situation): void {
    const { host, now, forecast } = this.#options
    const { deadlineAt = NEVER } = clause.index === 0 ? claim : {}
    if (deadlineAt <= now()) throw tooLate(host)
    if (situation.isFree) return // even at a host that was too slow: how else could it show that it is so no more
    const arrival = { clause, claim, ahead: forecast.ahead(clause, claim), ...situation }
    if (clause.index === 0) {
      this.#checkWait(arrival, deadlineAt)
      this.#checkTenant(arrival)
    }
    this.#makeRoom(arrival)
  }

  #checkWait({ ahead, claim, taken }: Arrival, deadlineAt: number): void {
    const { host, now, queue, forecast, bounds } = this.#options
    const { maxWaitMs: most } = bounds
    const { id } = claim.tenant
    const lateBy = (characters: number) =>
      now() + forecast.waitMs(characters, taken) + forecast.firstAudioMs - deadlineAt
    const late = lateBy(ahead.all)
    if (late > 0) {
      const own = queue.costOf(id)
      const isShared = own > 0 && queue.cost > own // alone, a tenant has no share to pass: the host is overloaded
      throw isShared && lateBy(ahead.own) > 0 ? ownBacklog(id, late) : wouldBeLate(host, late)
    }
    const wait = forecast.waitMs(ahead.all, taken)
    if (forecast.isHeard && wait > most) throw waitTooLong(host, { wait, most })
  }

  #checkTenant({ clause, ahead, claim: { tenant }, taken }: Arrival): void {
    const { group, forecast } = this.#options
    const { id, maxQueuedChars: most = NEVER } = tenant
    const has = group.charsOf(id)
    const chars = has + costOf(clause)
    if (has === 0 || chars <= most) return
    const toGo = (chars - most) * (ahead.all / Math.max(1, ahead.own)) // others take their share meanwhile
    throw tooManyChars(id, { chars, most, ms: forecast.waitMs(toGo, taken) })
  }

  /** Makes room in full queues at the cost of who has more than their share of it. */
  #makeRoom({ clause, ahead, claim: { tenant }, taken }: Arrival): void {
    const { host, group, forecast, bounds } = this.#options
    const share = clause.index === 0 ? FOR_FIRST : 1
    const cost = costOf(clause)
    while (group.waiting > 0) {
      const { waiting, waitingChars } = group
      const isFull = waiting >= bounds.maxRequests * share
      if (!isFull && waitingChars + cost <= bounds.maxChars * share) return
      if (group.makeRoom(tenant, cost)) continue
      const full = isFull ? `${waiting} clauses` : `${waitingChars} characters`
      throw queueFull(host, { full, ms: forecast.waitMs(ahead.all, taken) })
    }
  }
}
