import type { Samples, Stage } from '../speech.ts'
import { THROUGH } from './compose.ts'

/** Audio is put together from steps of this length, each faded over from where the one before would go on. */
const STEP_MS = 12
/** How far from its due place a step may be taken to go on with the wave as it stood: covers a voice of 50 Hz. */
const SEARCH_MS = 10
/** Likeness is judged at about this rate first, which holds a voice's pitch, then at the full one. */
const COARSE_RATE = 6000

export interface StretchOptions {
  /** Samples a second. */
  readonly rate: number
  /** How many times as fast it is to be heard: 0.25 to 4. */
  readonly speed: number
}

/**
 * Changes how fast audio goes but not its pitch, by WSOLA (Verhelst and Roelands, 1993). Gives exactly
 * `round(samples / speed)` samples in all, and needs 34 ms to look ahead. At speed 1 audio passes as it is.
 */
export function stretch({ rate, speed }: StretchOptions): Stage<Samples, Samples> {
  if (!(speed >= 0.25 && speed <= 4)) {
    throw new RangeError(`Cannot stretch: speed must be from 0.25 to 4, current value is ${speed}`)
  }
  return speed === 1 ? THROUGH : new Stretcher({ rate, speed })
}

class Stretcher implements Stage<Samples, Samples> {
  readonly #speed: number
  readonly #step: number
  readonly #reach: number
  readonly #stride: number
  readonly #fade: Float64Array
  /** Input that may still be used; its first sample is number `#start` of all. */
  #input = new Float64Array(0)
  #start = 0
  #taken = 0
  #given = 0
  /** Where in the input the last step would go on. */
  #next = 0

  constructor({ rate, speed }: StretchOptions) {
    const step = Math.round((rate * STEP_MS) / 1000)
    this.#speed = speed
    this.#step = step
    this.#reach = Math.round((rate * SEARCH_MS) / 1000)
    this.#stride = Math.max(1, Math.round(rate / COARSE_RATE))
    this.#fade = Float64Array.from({ length: step }, (_, i) => (1 - Math.cos((Math.PI * i) / step)) / 2)
  }

  push(samples: Samples): Samples {
    this.#append(samples)
    this.#taken += samples.length
    const output: Samples = new Int16Array(Math.ceil(this.#taken / this.#speed) + this.#step - this.#given)
    let filled = 0
    while (this.#needed <= this.#taken) {
      const place = this.#given === 0 ? 0 : this.#likest(this.#due, this.#due + this.#reach)
      filled += this.#write(output.subarray(filled, filled + this.#step), place)
    }
    return output.slice(0, filled)
  }

  /** Takes what is left from before the input's end, so that its last sample is heard last. */
  end(): Samples {
    this.#append(new Int16Array(3 * this.#step))
    const total = Math.round(this.#taken / this.#speed)
    const output: Samples = new Int16Array(total - this.#given)
    for (let filled = 0; filled < output.length; ) {
      const left = output.length - filled
      const latest = Math.max(0, this.#taken - Math.min(left, 2 * this.#step))
      const due = left < 2 * this.#step ? latest : Math.min(this.#due, latest)
      const place = this.#given === 0 ? 0 : this.#likest(due, Math.min(due + this.#reach, latest))
      filled += this.#write(output.subarray(filled, filled + this.#step), place)
    }
    return output
  }

  /** Where in the input the next step would be taken if likeness did not matter. */
  get #due(): number {
    return Math.round(this.#given * this.#speed)
  }

  /** How much input the next step needs: to be faded out of as well, and not to lie past the output's end. */
  get #needed(): number {
    return Math.max(this.#due + this.#reach + 2 * this.#step, (this.#given + this.#step) * this.#speed)
  }

  #append(samples: Samples): void {
    const from = Math.max(this.#start, Math.min(this.#next, this.#due - this.#reach - 2 * this.#step))
    const kept = this.#input.subarray(from - this.#start)
    this.#input = new Float64Array(kept.length + samples.length)
    this.#input.set(kept)
    this.#input.set(samples, kept.length)
    this.#start = from
  }

  /** Fades from where the last step goes on over to the input at `place`; gives the length. */
  #write(output: Samples, place: number): number {
    const from = this.#next - this.#start
    const to = place - this.#start
    for (let i = 0; i < output.length; i++) {
      const old = this.#input[from + i]!
      output[i] = Math.round(old + this.#fade[i]! * (this.#input[to + i]! - old))
    }
    this.#given += output.length
    this.#next = place + output.length
    return output.length
  }

  #wave(place: number): Float64Array {
    return this.#input.subarray(place - this.#start, place - this.#start + this.#step)
  }

  /** Finds the place, at most `latest`, whose wave is most like the one that would follow the last step. */
  #likest(due: number, latest: number): number {
    const earliest = Math.max(this.#start, due - this.#reach)
    const coarse = this.#best(due, { earliest, latest, stride: this.#stride })
    const near = {
      earliest: Math.max(earliest, coarse - this.#stride),
      latest: Math.min(latest, coarse + this.#stride),
    }
    return this.#best(coarse, { ...near, stride: 1 })
  }

  #best(
    first: number,
    { earliest, latest, stride }: Readonly<Record<'earliest' | 'latest' | 'stride', number>>,
  ): number {
    let best = first
    const wanted = this.#wave(this.#next)
    let most = likeness(wanted, this.#wave(first), stride)
    for (let place = earliest; place <= latest; place += stride) {
      const common = likeness(wanted, this.#wave(place), stride)
      if (common > most) {
        best = place
        most = common
      }
    }
    return best
  }
}

/** What two waves have in common: their product over the second's size. Two sums a turn, for speed. */
function likeness(wanted: Float64Array, found: Float64Array, stride: number): number {
  let product = 0
  let product2 = 0
  let power = 1
  let power2 = 0
  const last = wanted.length - stride
  for (let i = 0; i < last; i += 2 * stride) {
    const a = found[i]!
    const b = found[i + stride]!
    product += wanted[i]! * a
    product2 += wanted[i + stride]! * b
    power += a * a
    power2 += b * b
  }
  return (product + product2) / Math.sqrt(power + power2)
}
