import { clock } from '../telemetry/clock.ts'
export interface SlidingWindowOptions<T> {
  /** How far back it reaches, in milliseconds. */
  readonly ms: number
  /** In how many parts what is too old leaves it. @default 10 */
  readonly slices?: number
  /** Makes an empty slice. */
  readonly make: () => T
  /** @default performance.now */
  readonly now?: (() => number) | undefined
}

/** Holds what has happened lately, slice by slice. A clock that jumps, either way, leaves it empty and never stuck. */
export class SlidingWindow<T> {
  readonly #sliceMs: number
  readonly #count: number
  readonly #make: () => T
  readonly #now: () => number
  #held: { readonly at: number; readonly value: T }[] = []

  constructor({ ms, slices = 10, make, now = clock }: SlidingWindowOptions<T>) {
    this.#sliceMs = ms / slices
    this.#count = slices
    this.#make = make
    this.#now = now
  }

  /** The slice of this moment, to be added to. */
  get current(): T {
    const at = this.#forget()
    const last = this.#held.at(-1)
    if (last?.at === at) return last.value
    const value = this.#make()
    this.#held.push({ at, value })
    return value
  }

  /** Every slice that holds something, oldest first. */
  get slices(): T[] {
    this.#forget()
    return this.#held.map(({ value }) => value)
  }

  clear(): void {
    this.#held = []
  }

  #forget(): number {
    const at = Math.floor(this.#now() / this.#sliceMs)
    const isHeld = (slice: number) => slice <= at && slice >= at - this.#count
    if (this.#held.some((slice) => !isHeld(slice.at))) {
      this.#held = this.#held.filter((slice) => isHeld(slice.at))
    }
    return at
  }
}
