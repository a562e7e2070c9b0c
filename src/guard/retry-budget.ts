import { SlidingWindow } from './sliding-window.ts'

export interface RetryBudgetOptions {
  /** Retries and hedges as a share of calls. @default 0.2 */
  readonly share?: number
  /** Retries and hedges that there may always be, a second. @default 3 */
  readonly perSecond?: number
  /** How long a call counts, in milliseconds. @default 10000 */
  readonly windowMs?: number
  /** @default performance.now */
  readonly now?: (() => number) | undefined
}

/**
 * Keeps retries and hedges of the whole process to a share of its calls, so that hosts in trouble do not get more work
 * for it. The floor, `perSecond`, is counted over the whole window: a quiet process may spend it at once.
 */
export class RetryBudget {
  readonly #share: number
  readonly #floor: number
  readonly #window: SlidingWindow<{ calls: number; spent: number }>

  constructor({ share = 0.2, perSecond = 3, windowMs = 10_000, now }: RetryBudgetOptions = {}) {
    this.#share = share
    this.#floor = (perSecond * windowMs) / 1000
    this.#window = new SlidingWindow({ ms: windowMs, make: () => ({ calls: 0, spent: 0 }), now })
  }

  /** Counts a call's first attempt. */
  deposit(): void {
    this.#window.current.calls++
  }

  /** Takes one retry or hedge; false when there is none left. */
  withdraw(): boolean {
    let [calls, spent] = [0, 0]
    for (const slice of this.#window.slices) {
      calls += slice.calls
      spent += slice.spent
    }
    if (spent + 1 > Math.max(this.#floor, calls * this.#share)) return false
    this.#window.current.spent++
    return true
  }
}
