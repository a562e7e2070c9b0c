import type { Samples } from '../../src/speech.ts'
import { chances } from './chances.ts'

export interface PatternOptions {
  /** Samples a second. */
  readonly rate: number
  /** Peak level; 1 is full scale. @default 0.3 */
  readonly level?: number | undefined
  /** Speaks for so long whatever the text, `Infinity` for ever. @default by the text's length */
  readonly seconds?: number | undefined
}

/** Quick speech, so that tests are. */
const SECONDS_A_CHARACTER = 0.04
/** A tenth of a second at 24 kHz. */
const PIECE = 2400

/**
 * Says a text as noise that is the same each time and that no other text has: each sample that a listener gets tells
 * whose it is and where it belongs. Speaking for longer goes on where speaking shortly ends.
 */
export function* patternPieces(
  text: string,
  { rate, level = 0.3, seconds = text.length * SECONDS_A_CHARACTER }: PatternOptions,
): Generator<Samples, void> {
  const { next } = chances(hash(text))
  for (let left = Math.round(seconds * rate); left > 0; left -= PIECE) {
    yield Int16Array.from({ length: Math.min(left, PIECE) }, () => (2 * next() - 1) * level * 32_767)
  }
}

/** The samples that {@link patternPieces} gives for a text. */
export const patternOf = (text: string, options: PatternOptions): Samples => {
  const pieces = [...patternPieces(text, options)]
  const samples = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    samples.set(piece, at)
    at += piece.length
  }
  return samples
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value
}
