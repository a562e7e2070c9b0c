import type { Pcm } from '../../speech.ts'
import { Pieces } from './pieces.ts'
import type { WholeAudio } from './read-audio.ts'

export interface PcmOfOptions {
  readonly speed: number
  /** Once one of them aborts, the rest cannot be read. */
  readonly signals: readonly AbortSignal[]
}

/** Gives whole audio in pieces. */
export function pcmOf({ rate, samples }: WholeAudio, { speed, signals }: PcmOfOptions): Pcm {
  const pieces = new Pieces()
  pieces.put(samples)
  return {
    rate,
    speed,
    async read() {
      for (const signal of signals) signal.throwIfAborted()
      return pieces.take(rate)
    },
    async cancel() {
      pieces.put(new Int16Array(0))
    },
  }
}
