import { nextOf } from '../pcm/supply.ts'
import type { Pcm, Samples } from '../speech.ts'

/** Audio that is read once for many, piece by piece as the fastest of them goes on, from where they all start. */
export class Piece {
  readonly samples: Samples
  readonly #pcm: Pcm
  #next: Promise<Piece | undefined> | undefined

  /** `pcm` gives what comes after `samples`; what was before is freed as soon as nobody holds it. */
  constructor(samples: Samples, pcm: Pcm) {
    this.samples = samples
    this.#pcm = pcm
  }

  /** Whether nobody has asked for more yet. */
  get isLast(): boolean {
    return this.#next === undefined
  }

  /** Gives the piece after it, `undefined` at the end; asks for it only once, whoever asks first. */
  next(): Promise<Piece | undefined> {
    this.#next ??= nextOf(this.#pcm).then((more) => more && new Piece(more, this.#pcm))
    return this.#next
  }
}
