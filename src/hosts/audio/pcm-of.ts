import { wakeSoon } from '../../pcm/supply.ts'
import type { Pcm, Samples, Signal } from '../../speech.ts'
import type { WholeAudio } from './read-audio.ts'

export interface PcmOfOptions {
  readonly speed: number
  /** Once one of them aborts, the rest cannot be read. */
  readonly signals: readonly Signal[]
}

/** Gives whole audio. */
export function pcmOf({ rate, samples }: WholeAudio, { speed, signals }: PcmOfOptions): Pcm {
  let rest: Samples | undefined = samples
  return {
    rate,
    speed,
    get isOver() {
      return rest === undefined
    },
    take() {
      for (const signal of signals) signal.throwIfAborted()
      const all = rest
      rest = undefined
      return all
    },
    wait: wakeSoon,
    async cancel() {
      rest = undefined
    },
  }
}
