import { SpeechError } from '../errors.ts'
import type { SetTimer } from '../run/set-timer.ts'
import type { Claim, Clause } from '../speech.ts'
import { Admission, type Situation } from './admission.ts'
import { Alarms } from './alarms.ts'
import type { Company } from './company.ts'
import type { QueueConfig } from './config.ts'
import type { FairQueue } from './fair-queue.ts'
import type { Item } from './flow.ts'
import type { Forecast } from './forecast.ts'
import type { GroupMember, HostGroup, Share } from './host-group.ts'
import type { Seat } from './place.ts'
import { displaced, expired } from './refusals.ts'
import { costOf, rankOf, type Standing } from './urgency.ts'

/** A clause that waits for a place. */
export interface Waiting {
  readonly clause: Clause
  readonly claim: Claim
  /** Since when, in milliseconds of the clock. */
  readonly since: number
  readonly grant: (seat: Seat) => void
  readonly refuse: (reason: unknown) => void
}

export interface WaitingRoomOptions {
  /** The host's id, for messages and events. */
  readonly host: string
  readonly bounds: QueueConfig
  /** Whose turn it is. */
  readonly queue: FairQueue<Waiting>
  /** The queues that the bounds are of. */
  readonly group: HostGroup
  readonly forecast: Forecast
  /** Of a host that takes many clauses in one call. */
  readonly company: Pick<Company, 'kindOf' | 'arrived'> | undefined
  /** How long one would wait behind all others, in milliseconds. */
  readonly backlogMs: () => number
  /** Told when one has left without a place. */
  readonly onLeft: () => void
  /** The clock of `Claim.deadlineAt`. */
  readonly now: () => number
  readonly setTimer: SetTimer
}

/** Those who wait for a place at a host: who may come in, whose turn it is, and until when they wait. */
export class WaitingRoom implements GroupMember {
  readonly #options: WaitingRoomOptions
  readonly #queue: FairQueue<Waiting>
  readonly #admission: Admission
  readonly #items = new Map<Clause, Item<Waiting>>()
  readonly #deadlines: Alarms<Item<Waiting>>

  constructor(options: WaitingRoomOptions) {
    const { now, setTimer } = options
    this.#options = options
    this.#queue = options.queue
    this.#admission = new Admission(options)
    this.#deadlines = new Alarms({ now, setTimer, onDue: (item) => this.#expire(item) })
    options.group.add(this)
  }

  get waiting(): number {
    return this.#queue.size
  }

  get waitingChars(): number {
    return this.#queue.cost
  }

  charsOf(tenant: string): number {
    return this.#queue.costOf(tenant)
  }

  shares(): Iterable<Share> {
    return this.#queue.shares()
  }

  displace(tenant: string): void {
    const { host, backlogMs } = this.#options
    const item = this.#queue.lastOf(tenant)
    if (item) this.refuse(item, displaced(host, backlogMs()))
  }

  /** Throws a `SpeechError`, of which the claim is told, when a clause must not wait. */
  admit(clause: Clause, claim: Claim, situation: Situation): void {
    try {
      this.#admission.check(clause, claim, situation)
    } catch (thrown) {
      this.#tellRefused(claim, SpeechError.from(thrown))
      throw thrown
    }
  }

  /** Lets one in that has been admitted. */
  enter(waiting: Waiting): Item<Waiting> {
    const { clause, claim, since: at } = waiting
    const { company } = this.#options
    const { tenant, priority, deadlineAt } = claim
    const [rank, cost, kind] = [rankOf(clause), costOf(clause), company?.kindOf(clause) ?? '']
    const item = this.#queue.push(waiting, { tenant, priority, at, kind, rank, cost })
    this.#items.set(clause, item)
    company?.arrived(kind, at)
    if (clause.index === 0 && deadlineAt !== undefined) this.#deadlines.add(item, deadlineAt)
    return item
  }

  has(clause: Clause): boolean {
    return this.#items.has(clause)
  }

  /** Calls who is next, or who is next of a kind, to a place. */
  call(kind?: string): Item<Waiting> | undefined {
    const item = this.#queue.shift(kind)
    if (item) this.#forget(item)
    return item
  }

  /** Makes a clause more urgent; never less. */
  lift(clause: Clause, { index, priority }: Standing): void {
    const item = this.#items.get(clause)
    if (!item) return
    this.#queue.lift(item, { rank: rankOf({ ...clause, index }), priority, at: this.#options.now() })
  }

  /** Sends one away, of which the claim is told. */
  refuse(item: Item<Waiting>, error: SpeechError): void {
    this.#tellRefused(item.value.claim, error)
    this.drop(item, error)
  }

  /** Lets one go that will not be said. */
  drop(item: Item<Waiting>, reason: unknown): void {
    this.#queue.delete(item)
    this.#forget(item)
    item.value.refuse(reason)
    this.#options.onLeft()
  }

  /** Lets all go. */
  clear(reason: unknown): void {
    for (const item of [...this.#queue]) this.drop(item, reason)
  }

  /** Lets all go, and is not of its group any more. */
  retire(reason: unknown): void {
    this.clear(reason)
    this.#options.group.delete(this)
  }

  /** Drops what is past its deadline, unless somebody more patient has joined it. */
  #expire(item: Item<Waiting>): void {
    const { host, now } = this.#options
    const { deadlineAt = Number.POSITIVE_INFINITY } = item.value.claim
    if (deadlineAt <= now()) this.refuse(item, expired(host))
    else if (deadlineAt < Number.POSITIVE_INFINITY) this.#deadlines.add(item, deadlineAt)
  }

  #forget(item: Item<Waiting>): void {
    const { clause } = item.value
    if (this.#items.get(clause) === item) this.#items.delete(clause)
    this.#deadlines.delete(item)
  }

  #tellRefused(claim: Claim, error: SpeechError): void {
    const { host } = this.#options
    claim.tell(error.code === 'timeout' ? { type: 'expired', host } : { type: 'refused', host, error })
  }
}
