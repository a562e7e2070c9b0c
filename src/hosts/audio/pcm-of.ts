import type { Pcm } from '../../speech.ts'
import type { WholeAudio } from './read-audio.ts'

/** Of a second; what a listener is sent at once. */
const PIECE = 0.1

export interface PcmOfOptions {
  readonly speed: number
  /** Once one of them aborts, the rest cannot be read. */
  readonly signals: readonly AbortSignal[]
}

/** Gives whole audio in pieces, each with memory of its own. */
export function pcmOf({ rate, samples }: WholeAudio, { speed, signals }: PcmOfOptions): Pcm {
  const size = Math.ceil(rate * PIECE)
  let at = 0
  return {
    rate,
    speed,
    async read() {
      for (const signal of signals) signal.throwIfAborted()
      const piece = samples.slice(at, at + size)
      at += piece.length
      return piece.length > 0 ? piece : undefined
    },
    async cancel() {
      at = samples.length
    },
  }
}
