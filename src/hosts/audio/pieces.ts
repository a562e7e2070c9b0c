import type { Samples } from '../../speech.ts'

/** Of a second; what a listener is sent at once. */
const PIECE = 0.1

/**
 * Hands samples on a tenth of a second at a time, as views: the first of much is on its way before the others are
 * worked on. Keeps none once all are taken.
 */
export class Pieces {
  #rest: Samples | undefined

  /** Takes the place of what was there. */
  put(samples: Samples): void {
    this.#rest = samples.length > 0 ? samples : undefined
  }

  /** Gives the next piece, at `rate` samples a second; `undefined` when there is none. */
  take(rate: number): Samples | undefined {
    const samples = this.#rest
    const size = Math.ceil(rate * PIECE)
    this.#rest = samples && samples.length > size ? samples.subarray(size) : undefined
    return samples?.subarray(0, size)
  }
}
