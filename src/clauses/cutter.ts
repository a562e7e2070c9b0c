import { bound, type Place } from './bound.ts'
import { widthOf } from './characters.ts'
import type { Ending, Sink } from './sentences/scanner.ts'

/** A piece of text that is to be said at once, and what ended it. */
export interface Piece {
  readonly text: string
  readonly ending: Ending | 'forced'
}

export interface CutterOptions {
  readonly firstChars: number
  readonly minChars: number
  readonly maxChars: number
}

/** Gathers sentences into pieces of a good length. Holds at most `maxChars` and a little more. */
export class Cutter implements Sink {
  readonly #options: CutterOptions
  readonly #give: (piece: Piece) => void
  #held = ''
  #width = 0
  #places: Place[] = []
  /** Where a soft cut waits until enough of its sentence follows, and the width up to there. */
  #soft: { readonly at: number; readonly width: number } | undefined
  /** Width that the next piece of the first sentence must have; afterwards only sentences end pieces. */
  #target: number

  constructor(options: CutterOptions, give: (piece: Piece) => void) {
    const { minChars, maxChars } = options
    if (!(maxChars >= 16 && maxChars >= 2 * minChars)) {
      throw new RangeError(
        `Cannot cut text: maxChars must be at least 16 and twice minChars (${minChars}), current value is ${maxChars}`,
      )
    }
    this.#options = options
    this.#give = give
    this.#target = options.firstChars
  }

  text(slice: string): void {
    // in steps, so that one huge slice is cut as if it had come in small ones
    const step = this.#options.maxChars
    for (let at = 0; at < slice.length; at += step) this.#add(slice.slice(at, at + step))
  }

  cut(ending: Ending): void {
    if (ending === 'soft') this.#breathe()
    else this.#end(ending)
  }

  /** Makes a piece of what is held, however short. */
  flush(ending: Ending): void {
    this.#soft = undefined
    if (this.#width > 0) this.#finish(ending)
  }

  #finish(ending: Ending): void {
    if (this.#width > this.#options.maxChars) this.#cutLong()
    this.#take(this.#held.length, ending)
    this.#target = Number.POSITIVE_INFINITY
  }

  #add(slice: string): void {
    const text = this.#width === 0 ? slice.trimStart() : slice
    this.#held += text
    this.#width += widthOf(text)
    this.#takeSoft()
    while (this.#width > this.#options.maxChars + this.#options.minChars) this.#cutLong()
  }

  #breathe(): void {
    const isWanted = !this.#soft && this.#width >= this.#target && this.#width <= this.#options.maxChars
    if (isWanted) this.#soft = { at: this.#held.length, width: this.#width }
    this.#places.push({ at: this.#held.length, ending: 'soft' })
  }

  /** Cuts at the soft place once what follows is long enough to stand by itself. */
  #takeSoft(): void {
    if (!this.#soft || this.#width - this.#soft.width <= this.#options.minChars) return
    this.#target = Math.max(this.#target, this.#soft.width) * 2
    this.#take(this.#soft.at, 'soft')
  }

  #end(ending: Ending): void {
    this.#soft = undefined
    if (this.#width === 0) return
    if (ending === 'sentence' && this.#width < this.#options.minChars) {
      this.#places.push({ at: this.#held.length, ending }) // said with the next sentence
    } else this.#finish(ending)
  }

  #cutLong(): void {
    const { maxChars: max, minChars: min } = this.#options
    const { at, ending } = bound(this.#held, { max, min, places: this.#places })
    this.#take(at, ending)
  }

  #take(at: number, ending: Piece['ending']): void {
    const piece = this.#held.slice(0, at)
    const rest = this.#held.slice(at)
    this.#held = rest.trimStart()
    const moved = at + rest.length - this.#held.length
    this.#width = widthOf(this.#held)
    this.#places = this.#places
      .filter((place) => place.at > moved)
      .map((place) => ({ ...place, at: place.at - moved }))
    this.#soft = undefined
    this.#give({ text: piece.trim(), ending })
  }
}
