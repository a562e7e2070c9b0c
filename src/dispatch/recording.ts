import type { Samples } from '../speech.ts'

/** A piece of audio that many read; what was before it is freed as soon as nobody holds it. */
export interface Piece {
  readonly samples: Samples
  /** Whether nobody has asked for more yet. */
  readonly isLast: boolean
  /** Gives the piece after it, `undefined` at the end; asks for it only once, whoever asks first. */
  next(): Promise<Piece | undefined>
}

/** Reads audio once for many, piece by piece as the fastest of them goes on; gives where they all start. */
export const recording = (read: () => Promise<Samples | undefined>): Piece => pieceOf(new Int16Array(0), read)

function pieceOf(samples: Samples, read: () => Promise<Samples | undefined>): Piece {
  let next: Promise<Piece | undefined> | undefined
  const ask = async () => {
    const more = await read()
    return more && pieceOf(more, read)
  }
  return {
    samples,
    get isLast() {
      return next === undefined
    },
    next: () => (next ??= ask()),
  }
}
