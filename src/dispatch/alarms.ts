import type { SetTimer } from '../run/set-timer.ts'
import { Heap } from './heap.ts'

export interface AlarmsOptions<T> {
  /** Told of each that is due, once; it is no longer there. */
  readonly onDue: (item: T) => void
  readonly now: () => number
  readonly setTimer: SetTimer
}

/** Things that are each due at some moment, with one timer for all: the earliest's. */
export class Alarms<T> {
  readonly #options: AlarmsOptions<T>
  readonly #due = new Map<T, number>()
  readonly #order = new Heap<T>((a, b) => this.#due.get(a)! < this.#due.get(b)!)
  #timer: { readonly at: number; readonly clear: () => void } | undefined

  constructor(options: AlarmsOptions<T>) {
    this.#options = options
  }

  /** Has something ring at `at`, in milliseconds of the clock; at once when that is past. */
  add(item: T, at: number): void {
    this.#due.set(item, at)
    this.#order.add(item)
    if (!this.#timer || at < this.#timer.at) this.#arm()
  }

  /** Calls something off. A timer that was set for it may find nothing due. */
  delete(item: T): void {
    this.#order.delete(item)
    this.#due.delete(item)
    if (this.#order.size === 0) this.#arm()
  }

  #arm(): void {
    this.#timer?.clear()
    this.#timer = undefined
    const { first } = this.#order
    if (first === undefined) return
    const at = this.#due.get(first)!
    this.#timer = {
      at,
      clear: this.#options.setTimer(Math.max(0, at - this.#options.now()), () => this.#ring()),
    }
  }

  #ring(): void {
    this.#timer = undefined
    for (let { first } = this.#order; first !== undefined; first = this.#order.first) {
      if (this.#due.get(first)! > this.#options.now()) break
      this.delete(first)
      this.#options.onDue(first)
    }
    this.#arm()
  }
}
