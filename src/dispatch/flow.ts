import { Heap } from './heap.ts'
import type { Account } from './turns.ts'

/** One thing that waits in a queue. */
export interface Item<T> {
  readonly value: T
  readonly tenant: string
  /** The work that it is, in characters. */
  readonly cost: number
  /** What it may share a call with: items of the same kind. */
  readonly kind: string
  /** Whether a listener hears nothing until it is said. */
  isFirst: boolean
  /** When it is due, in milliseconds; the order within its tenant. */
  due: number
  /** Its place among those due at once. */
  readonly count: number
}

/** Items of one kind. */
interface Group<T> {
  readonly kind: string
  readonly items: Heap<Item<T>>
}

const isDueBefore = <T>(a: Item<T>, b: Item<T>): boolean =>
  a.due < b.due || (a.due === b.due && a.count < b.count)

const givesWay = <T>(a: Item<T>, b: Item<T>): boolean =>
  a.isFirst === b.isFirst ? a.due >= b.due : a.isFirst

/** What one tenant has waiting, in the order in which it is due, and its account. */
export class Flow<T> implements Account, Iterable<Item<T>> {
  readonly id: string
  weight = 1
  start = 0
  turn = 0
  count = 0
  /** All that waits, in characters. */
  cost = 0
  readonly #groups = new Map<string, Group<T>>()
  readonly #order = new Heap<Group<T>>((a, b) => isDueBefore(a.items.first!, b.items.first!))
  /** Characters by the moment they are due, in steps of `#stepMs`. */
  readonly #costs = new Map<number, number>()
  readonly #stepMs: number

  constructor(id: string, stepMs: number) {
    this.id = id
    this.#stepMs = stepMs
  }

  /** What is due first; of one kind when that is named. */
  head(kind?: string): Item<T> | undefined {
    return (kind === undefined ? this.#order.first : this.#groups.get(kind))?.items.first
  }

  has(item: Item<T>): boolean {
    return this.#groups.get(item.kind)?.items.has(item) ?? false
  }

  /** What should give way: what begins a speech before what goes on with one, then what is due last. */
  get last(): Item<T> | undefined {
    let last: Item<T> | undefined
    for (const { items } of this.#order)
      for (const item of items) if (!last || givesWay(item, last)) last = item
    return last
  }

  *[Symbol.iterator](): Generator<Item<T>> {
    for (const { items } of this.#order) yield* items
  }

  add(item: Item<T>): void {
    this.#count(item, item.cost)
    const group = this.#groups.get(item.kind)
    if (group) {
      group.items.add(item)
      this.#order.moved(group)
      return
    }
    const items = new Heap<Item<T>>(isDueBefore)
    items.add(item)
    const added = { kind: item.kind, items }
    this.#groups.set(item.kind, added)
    this.#order.add(added)
  }

  delete(item: Item<T>): void {
    this.#count(item, -item.cost)
    const group = this.#groups.get(item.kind)!
    if (group.items.size === 1) {
      this.#order.delete(group) // before it is empty, while it can be compared
      this.#groups.delete(item.kind)
      return
    }
    group.items.delete(item)
    this.#order.moved(group)
  }

  /** Tells how much is due before something due at `due` that comes now, in characters; true to a step. */
  costBefore(due: number): number {
    const last = this.#step(due)
    let sum = 0
    for (const [step, cost] of this.#costs) if (step <= last) sum += cost
    return sum
  }

  #count({ due }: Item<T>, cost: number): void {
    this.cost += cost
    const step = this.#step(due)
    const sum = (this.#costs.get(step) ?? 0) + cost
    if (sum > 0) this.#costs.set(step, sum)
    else this.#costs.delete(step)
  }

  #step(due: number): number {
    return Math.floor(due / this.#stepMs)
  }
}
