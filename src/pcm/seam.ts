import type { Samples, Stage } from '../speech.ts'

/** Loudness is judged in frames of this length. */
const FRAME_MS = 5
/** A frame is silent below −54 dBFS: under a soft consonant, over the noise that vocoders leave in pauses. */
const SILENT_RMS = 32_768 * 10 ** (-54 / 20)
/** Silence that stays beside the speech, so that no soft onset or ending is cut. */
const HEAD_MS = 10
const TAIL_MS = 20
/** Quiet that may be the clause's end is held back this long at most; more must be a pause within it. */
const HOLD_MS = 3000

export interface SeamOptions {
  /** Samples a second. */
  readonly rate: number
  /** How long the edges take to rise from and fall to zero, in milliseconds. @default 5 */
  readonly fadeMs?: number
  /** Whether silence at the edges goes; pauses within stay in any case. @default true */
  readonly trim?: boolean
}

/**
 * Makes one clause ready to be joined with others: silence at its edges cut to 10 ms before and 20 ms after,
 * both edges faded to zero. Holds back what may turn out to be the end. A silent clause gives nothing.
 */
export function seam({ rate, fadeMs = 5, trim = true }: SeamOptions): Stage<Samples, Samples> {
  if (!(fadeMs >= 0 && fadeMs <= 1000)) {
    throw new RangeError(`Cannot fade: fadeMs must be from 0 to 1000, current value is ${fadeMs}`)
  }
  return new Seam({ rate, fade: count({ rate, ms: fadeMs }), trim })
}

/** Gives silence of `ms`, exact to a sample: `round(ms × rate / 1000)` of them. */
export const silence = (length: { readonly rate: number; readonly ms: number }): Samples =>
  new Int16Array(count(length))

const count = ({ rate, ms }: { readonly rate: number; readonly ms: number }): number =>
  Math.round((ms * rate) / 1000)

class Seam implements Stage<Samples, Samples> {
  readonly #rate: number
  readonly #fade: number
  readonly #trim: boolean
  readonly #frame: number
  /** What is not yet given lies at its start, `#size` long; always the last samples, which a fade-out may need. */
  #held: Samples = new Int16Array(0)
  #size = 0
  /** How much of it has been judged, and where the last loud frame ended: before it, once given. */
  #judged = 0
  #loudEnd = 0
  #started = false
  #given = 0

  constructor({
    rate,
    fade,
    trim,
  }: { readonly rate: number; readonly fade: number; readonly trim: boolean }) {
    this.#rate = rate
    this.#fade = fade
    this.#trim = trim
    this.#frame = count({ rate, ms: FRAME_MS })
  }

  push(samples: Samples): Samples {
    this.#hold(samples)
    while (this.#judged + this.#frame <= this.#size) this.#judge(this.#frame)
    if (!this.#started) {
      this.#drop(this.#judged - count({ rate: this.#rate, ms: HEAD_MS }))
      return new Int16Array(0)
    }
    const longest = this.#size - count({ rate: this.#rate, ms: HOLD_MS })
    return this.#give(Math.max(this.#end() - this.#fade, longest))
  }

  end(): Samples {
    if (this.#size > this.#judged) this.#judge(this.#size - this.#judged)
    if (!this.#started) return new Int16Array(0)
    const last = this.#give(this.#end())
    const fade = Math.min(this.#fade, last.length)
    for (let i = 1; i <= fade; i++) {
      const at = last.length - i
      last[at] = last[at]! * rise((i - 1) / this.#fade)
    }
    return last
  }

  /** Where the clause would end if no more came, as far as is judged. */
  #end(): number {
    const tail = this.#trim ? count({ rate: this.#rate, ms: TAIL_MS }) : Number.POSITIVE_INFINITY
    return Math.min(Math.max(this.#loudEnd + tail, this.#fade), this.#judged)
  }

  #judge(length: number): void {
    const from = this.#judged
    this.#judged += length
    if (this.#trim && rms(this.#held, { from, to: this.#judged }) < SILENT_RMS) return
    this.#loudEnd = this.#judged
    if (this.#started) return
    this.#started = true
    this.#drop(from - count({ rate: this.#rate, ms: HEAD_MS }))
  }

  #hold(samples: Samples): void {
    const size = this.#size + samples.length
    if (size > this.#held.length) {
      const larger = new Int16Array(2 * size)
      larger.set(this.#held)
      this.#held = larger
    }
    this.#held.set(samples, this.#size)
    this.#size = size
  }

  #drop(length: number): void {
    if (length <= 0) return
    this.#held.copyWithin(0, length, this.#size)
    this.#size -= length
    this.#judged -= length
    this.#loudEnd -= length
  }

  /** Gives the first samples that are held, faded in where they are the clause's first. */
  #give(length: number): Samples {
    if (length <= 0) return new Int16Array(0)
    const given = this.#held.slice(0, length)
    for (let i = 0; i < length && this.#given + i < this.#fade; i++) {
      given[i] = given[i]! * rise((this.#given + i) / this.#fade)
    }
    this.#given += length
    this.#drop(length)
    return given
  }
}

function rms(samples: Samples, { from, to }: { readonly from: number; readonly to: number }): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += samples[i]! * samples[i]! // a reduce() takes eight times as long
  return Math.sqrt(sum / (to - from))
}

/** A raised cosine from 0 to 1. */
const rise = (x: number): number => (1 - Math.cos(Math.PI * x)) / 2
