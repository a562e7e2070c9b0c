import type { Tenant } from '../speech.ts'
import { Flow, type Item } from './flow.ts'
import type { Share } from './host-group.ts'
import { Turns } from './turns.ts'
import type { Rank } from './urgency.ts'

export interface FairQueueOptions {
  /** How long something waits to become as urgent as what is one rank above it and comes then, in milliseconds. @default 2000 */
  readonly agingMs?: number
}

/** How urgent something is. */
export interface Urgency {
  readonly rank: Rank
  /** -10 to 10; five steps are worth a rank. */
  readonly priority: number
}

export interface PushOptions extends Urgency {
  readonly tenant: Tenant
  /** The work that it is, in characters; more than 0. */
  readonly cost: number
  /** When it came, in milliseconds of any clock. */
  readonly at: number
  /** What it may share a call with: items of the same kind. @default '' */
  readonly kind?: string
}

/** Work that goes ahead of something that comes now, in characters. */
export interface Ahead {
  /** Of its own tenant. */
  readonly own: number
  /** Of all tenants. */
  readonly all: number
}

/** All items of one kind. */
interface Kind<T> {
  readonly flows: Set<Flow<T>>
  size: number
}

/**
 * So far past its share a tenant may be and still have a first clause go ahead: some two sentences at weight 1. It is
 * virtual time, the same for all: in characters whoever weighs more would be ahead by less.
 */
const LEAD = 200
const STEPS_PER_RANK = 5
/** Parts of `agingMs` to which work that is due is reckoned. */
const AGING_STEPS = 8

/**
 * Shares a host among tenants by weight, in characters, and keeps each tenant's clauses by urgency, then age.
 *
 * Between tenants it is start-time fair queueing (Goyal, Vin and Cheng 1996): each tenant has a virtual time, to which
 * what it is given adds its cost by weight, and the one furthest behind is next. A tenant that comes back starts at the
 * virtual time of the queue, so that no credit is saved up. While all wait, shares differ by no more than one clause
 * each. As in borrowed virtual time (Duda and Cheriton 1999) a tenant whose next is a first clause goes ahead of others'
 * later clauses, on credit, until it is {@link LEAD} characters past its share. Deficit round robin would be cheaper by
 * a logarithm, but lets a tenant that has just come wait for a round of all the others, and its order within the round
 * leaves no room for first clauses.
 *
 * Within a tenant something is due at its arrival plus `agingMs` for each rank below the first, five steps of priority
 * counting as a rank. As that moment stands still while later arrivals are due ever later, nothing starves: what comes
 * six times `agingMs` after it or later never goes before it.
 */
export class FairQueue<T> {
  readonly #agingMs: number
  readonly #turns = new Turns<Flow<T>>()
  readonly #kinds = new Map<string, Kind<T>>()
  #count = 0
  #size = 0
  #cost = 0

  constructor({ agingMs = 2_000 }: FairQueueOptions = {}) {
    this.#agingMs = agingMs
  }

  get size(): number {
    return this.#size
  }

  /** All that waits, in characters. */
  get cost(): number {
    return this.#cost
  }

  /** What a tenant has waiting, in characters. */
  costOf(tenant: string): number {
    return this.#turns.get(tenant)?.cost ?? 0
  }

  /** How many of a kind wait. */
  sizeOf(kind: string): number {
    return this.#kinds.get(kind)?.size ?? 0
  }

  /** Gives everything that waits, in no order in particular. */
  *[Symbol.iterator](): Generator<Item<T>> {
    for (const flow of this.#turns) yield* flow
  }

  push(value: T, { tenant, cost, kind = '', at, ...urgency }: PushOptions): Item<T> {
    const due = this.#due(at, urgency)
    const item = {
      value,
      tenant: tenant.id,
      cost,
      kind,
      due,
      isFirst: urgency.rank === 0,
      count: this.#count++,
    }
    const flow = this.#turns.get(tenant.id) ?? new Flow(tenant.id, this.#agingMs / AGING_STEPS)
    flow.weight = tenant.weight
    flow.add(item)
    this.#turns.wait(flow, leadOf(flow))
    this.#counted(flow, item, 1)
    return item
  }

  /** What is next. */
  peek(): Item<T> | undefined {
    return this.#turns.first?.head()
  }

  /** Takes what is next; of one kind when that is named, which looks at every tenant that waits. */
  shift(kind?: string): Item<T> | undefined {
    const flow = kind === undefined ? this.#turns.first : this.#nextOf(kind)
    const item = flow?.head(kind)
    if (!flow || !item) return undefined
    this.#turns.charge(flow, item.cost)
    this.#take(flow, item)
    return item
  }

  /** Takes something out that will not be served; whoever left costs nothing. */
  delete(item: Item<T>): void {
    const flow = this.#turns.get(item.tenant)
    if (flow?.has(item)) this.#take(flow, item)
  }

  /** Makes something that came at `at` more urgent; never less. */
  lift(item: Item<T>, { at, ...urgency }: Urgency & { readonly at: number }): void {
    const due = this.#due(at, urgency)
    const isFirst = item.isFirst || urgency.rank === 0
    const flow = this.#turns.get(item.tenant)
    if (!flow?.has(item)) return
    flow.delete(item)
    Object.assign(item, { due: Math.min(due, item.due), isFirst })
    flow.add(item)
    this.#turns.wait(flow, leadOf(flow))
  }

  /**
   * Reckons what goes ahead of something that comes now, as if all tenants were served at once, each at its weight. It
   * may be a clause a tenant off.
   */
  ahead({ tenant, at, ...urgency }: Omit<PushOptions, 'cost' | 'kind'>): Ahead {
    const flow = this.#turns.get(tenant.id)
    const own = flow?.costBefore(this.#due(at, urgency)) ?? 0
    const lead = urgency.rank === 0 ? LEAD : 0
    const turn = Math.max(flow?.start ?? 0, this.#turns.now) + own / tenant.weight - lead
    let all = own
    for (const other of this.#turns) {
      if (other !== flow) all += Math.min(other.cost, Math.max(0, (turn - other.turn) * other.weight))
    }
    return { own, all }
  }

  /** What each tenant has waiting. */
  shares(): Iterable<Share> {
    return this.#turns
  }

  /** What should give way of what a tenant has waiting: what begins a speech before what goes on with one, the last first. */
  lastOf(tenant: string): Item<T> | undefined {
    return this.#turns.get(tenant)?.last
  }

  #due(at: number, { rank, priority }: Urgency): number {
    return at + (rank - priority / STEPS_PER_RANK) * this.#agingMs
  }

  #take(flow: Flow<T>, item: Item<T>): void {
    flow.delete(item)
    this.#counted(flow, item, -1)
    if (flow.cost > 0) this.#turns.wait(flow, leadOf(flow))
    else this.#turns.rest(flow)
  }

  #counted(flow: Flow<T>, { kind, cost }: Item<T>, sign: 1 | -1): void {
    this.#size += sign
    this.#cost += sign * cost
    const alike = this.#kinds.get(kind) ?? { flows: new Set(), size: 0 }
    alike.size += sign
    if (flow.head(kind)) alike.flows.add(flow)
    else alike.flows.delete(flow)
    if (alike.size > 0) this.#kinds.set(kind, alike)
    else this.#kinds.delete(kind)
  }

  #nextOf(kind: string): Flow<T> | undefined {
    let next: Flow<T> | undefined
    for (const flow of this.#kinds.get(kind)?.flows ?? []) {
      if (!next || flow.turn < next.turn || (flow.turn === next.turn && flow.count < next.count)) next = flow
    }
    return next
  }
}

const leadOf = <T>(flow: Flow<T>): number => (flow.head()?.isFirst ? LEAD : 0)
