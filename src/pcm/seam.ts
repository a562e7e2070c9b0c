import type { Samples, Stage } from '../speech.ts'
import { joinSamples } from './join-samples.ts'

/** Loudness is judged in frames of this length. */
const FRAME_MS = 5
/** A frame is silent below −54 dBFS: under a soft consonant, over the noise that vocoders leave in pauses. */
const SILENT_RMS = 32_768 * 10 ** (-54 / 20)
/** Silence that stays beside the speech, so that no soft onset or ending is cut. */
const HEAD_MS = 10
const TAIL_MS = 20
/** Quiet that may be the clause's end is kept this long at most; of more only the length is kept, as it holds nothing. */
const HOLD_MS = 3000
/** Pieces of up to this length are given in memory that is used again: the usual ones are of 100 ms. */
const KEPT_MS = 200

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

const NONE: Samples = new Int16Array(0)

class Seam implements Stage<Samples, Samples> {
  readonly #fade: number
  readonly #trim: boolean
  readonly #frame: number
  readonly #head: number
  readonly #tail: number
  readonly #longest: number
  readonly #kept: number
  /** What is not yet given lies at its start, `#size` long; always the last samples, which a fade-out may need. */
  #held = NONE
  #size = 0
  /** How much of it has been judged, and where the last loud frame ended: before it, once given. */
  #judged = 0
  #loudEnd = 0
  /** How many samples of quiet come behind what is held, silence if the clause goes on; the last of them, a soft onset. */
  #quiet = 0
  #onset = NONE
  #started = false
  #given = 0
  /** What is given is lent, and this is where it lies. */
  #out = NONE

  constructor({
    rate,
    fade,
    trim,
  }: { readonly rate: number; readonly fade: number; readonly trim: boolean }) {
    this.#fade = fade
    this.#trim = trim
    this.#frame = count({ rate, ms: FRAME_MS })
    this.#head = count({ rate, ms: HEAD_MS })
    this.#tail = trim ? count({ rate, ms: TAIL_MS }) : Number.POSITIVE_INFINITY
    this.#longest = count({ rate, ms: HOLD_MS })
    this.#kept = count({ rate, ms: KEPT_MS })
  }

  push(samples: Samples): Samples {
    const heard = this.#started ? samples : this.#start(samples, this.#frame)
    if (this.#started) return this.#pass(heard)
    this.#hold(heard)
    return NONE
  }

  end(): Samples {
    const rest = this.#size - this.#judged
    if (rest > 0 && !this.#started) this.#start(NONE, rest)
    if (rest > 0) this.#judge(NONE, rest)
    if (!this.#started) return NONE
    const last = this.#give(NONE, this.#end())
    const fade = Math.min(this.#fade, last.length)
    for (let i = 1; i <= fade; i++) {
      const at = last.length - i
      last[at] = last[at]! * rise((i - 1) / this.#fade)
    }
    return last
  }

  /** Gives what will be heard as it is, whatever comes, of what is held and `samples` behind it. */
  #pass(samples: Samples): Samples {
    if (this.#quiet === 0) return this.#goOn(samples)
    const behind = joinSamples(this.#onset, samples)
    if (!this.#hasLoud(behind)) {
      this.#forget(behind)
      return NONE
    }
    const pause = new Int16Array(this.#quiet)
    this.#quiet = 0
    return this.#goOn(joinSamples(pause, behind))
  }

  #goOn(samples: Samples): Samples {
    this.#judge(samples, this.#frame)
    const given = this.#give(samples, this.#end() - this.#fade)
    if (this.#size > this.#longest) {
      this.#judged = this.#end()
      this.#forget(this.#held.subarray(this.#judged, this.#size))
      this.#size = this.#judged
    }
    return given
  }

  /** Keeps the length of quiet alone, but for what may be an onset. */
  #forget(quiet: Samples): void {
    const length = Math.max(0, quiet.length - this.#head)
    this.#quiet += length
    this.#onset = quiet.slice(length)
  }

  #hasLoud(samples: Samples): boolean {
    for (let at = 0; at < samples.length; at += this.#frame) {
      if (this.#isLoud(samples, this.#size + at, Math.min(this.#frame, samples.length - at))) return true
    }
    return false
  }

  /** Where the clause would end if no more came, as far as is judged. */
  #end(): number {
    return Math.min(Math.max(this.#loudEnd + this.#tail, this.#fade), this.#judged)
  }

  /** Looks for the first loud frame, and drops all but a little before it; gives what is left of `samples`. */
  #start(samples: Samples, frame: number): Samples {
    const size = this.#size + samples.length
    while (!this.#started && this.#judged + frame <= size) {
      this.#started = this.#isLoud(samples, this.#judged, frame)
      if (!this.#started) this.#judged += frame
    }
    const length = this.#judged - this.#head
    if (length < this.#size) {
      this.#drop(length)
      return samples
    }
    const rest = samples.subarray(length - this.#size)
    this.#size = 0
    this.#moved(length)
    return rest
  }

  /** Looks for the last loud frame, from the back: within speech it is the first that is looked at. */
  #judge(samples: Samples, frame: number): void {
    const size = this.#size + samples.length
    const end = size - ((size - this.#judged) % frame)
    let at = end
    while (at > this.#judged && !this.#isLoud(samples, at - frame, frame)) at -= frame
    if (at > this.#judged) this.#loudEnd = at
    this.#judged = end
  }

  /** Whether a frame of what is held and `samples` behind it is over the threshold. */
  #isLoud(samples: Samples, from: number, frame: number): boolean {
    if (!this.#trim) return true
    let sum = 0
    for (let i = from; i < from + frame; i++) {
      const sample = i < this.#size ? this.#held[i]! : samples[i - this.#size]! // a reduce() takes eight times as long
      sum += sample * sample
    }
    return Math.sqrt(sum / frame) >= SILENT_RMS
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
    this.#moved(length)
  }

  /** Gives the first of what is held and `samples` behind it, faded in where they are the clause's first; holds the rest. */
  #give(samples: Samples, length: number): Samples {
    if (length < this.#size || length <= 0) {
      this.#hold(samples)
      return length > 0 ? this.#giveHeld(length) : NONE
    }
    const given = this.#lent(length)
    given.set(this.#size < this.#held.length ? this.#held.subarray(0, this.#size) : this.#held)
    const passed = length - this.#size
    given.set(samples.subarray(0, passed), this.#size)
    const rest = samples.subarray(passed)
    if (rest.length === this.#held.length) this.#held.set(rest)
    else this.#held = rest.slice()
    this.#size = rest.length
    this.#moved(length)
    return this.#faded(given)
  }

  #giveHeld(length: number): Samples {
    const given = this.#lent(length)
    given.set(this.#held.subarray(0, length))
    this.#drop(length)
    return this.#faded(given)
  }

  /** Gives memory that is used again, but for long pieces, which are rare. */
  #lent(length: number): Samples {
    if (length > this.#kept) return new Int16Array(length)
    if (length > this.#out.length) this.#out = new Int16Array(length)
    return length === this.#out.length ? this.#out : this.#out.subarray(0, length)
  }

  #moved(length: number): void {
    this.#judged -= length
    this.#loudEnd -= length
  }

  /** Fades in what is within the fade, and counts all as given. */
  #faded(given: Samples): Samples {
    for (let i = 0; i < given.length && this.#given + i < this.#fade; i++) {
      given[i] = given[i]! * rise((this.#given + i) / this.#fade)
    }
    this.#given += given.length
    return given
  }
}

/** A raised cosine from 0 to 1. */
const rise = (x: number): number => (1 - Math.cos(Math.PI * x)) / 2
