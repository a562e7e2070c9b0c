import { Heap } from './heap.ts'

/** One tenant's account. */
export interface Account {
  readonly id: string
  /** The tenant's share, relative to the others'. */
  readonly weight: number
  /** What it was given so far, in characters by weight. */
  start: number
  /** The same less what it may go ahead: who has the least is next. */
  turn: number
  /** Its place among those of the same turn. */
  count: number
}

/** Whose turn it is by start-time fair queueing; see {@link FairQueue}. All operations take logarithmic time. */
export class Turns<A extends Account> implements Iterable<A> {
  readonly #byTurn = new Heap<A>((a, b) => a.turn < b.turn || (a.turn === b.turn && a.count < b.count))
  readonly #byStart = new Heap<A>((a, b) => a.start < b.start)
  /** Those with nothing waiting who have had more than their share, until the others have caught up. */
  readonly #resting = new Heap<A>((a, b) => a.start < b.start)
  readonly #known = new Map<string, A>()
  #virtual = 0
  #count = 0

  /** The virtual time: that of who is furthest behind of all who wait. */
  get now(): number {
    return this.#byStart.first?.start ?? this.#virtual
  }

  /** Who is next. */
  get first(): A | undefined {
    return this.#byTurn.first
  }

  /** An account that has something waiting, or has had more than its share. */
  get(id: string): A | undefined {
    return this.#known.get(id)
  }

  /** Gives the accounts that have something waiting, in no order in particular. */
  [Symbol.iterator](): Iterator<A> {
    return this.#byTurn[Symbol.iterator]()
  }

  /** Enters one that has something waiting now, or tells that its lead has changed, which is in virtual time. */
  wait(account: A, lead: number): void {
    const waits = this.#byTurn.has(account)
    if (!waits) {
      this.#resting.delete(account)
      this.#known.set(account.id, account)
      account.start = Math.max(account.start, this.now)
      account.count = this.#count++
    }
    account.turn = account.start - lead
    for (const heap of [this.#byTurn, this.#byStart]) {
      if (waits) heap.moved(account)
      else heap.add(account)
    }
  }

  /** Charges one that waits for what it is given; {@link wait} or {@link rest} must follow. */
  charge(account: A, cost: number): void {
    this.#virtual = this.now
    account.start += cost / account.weight
  }

  /** Takes out one that has nothing waiting any more. */
  rest(account: A): void {
    this.#byTurn.delete(account)
    this.#byStart.delete(account)
    this.#resting.add(account)
    this.#forget()
  }

  /** Drops the accounts of those who would start anew no worse off; of all when nobody waits. */
  #forget(): void {
    for (let rested = this.#resting.first; rested; rested = this.#resting.first) {
      if (this.#byTurn.size > 0 && rested.start > this.now) return
      this.#resting.delete(rested)
      this.#known.delete(rested.id)
    }
  }
}
