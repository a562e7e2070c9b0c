import type { Clause } from '../../speech.ts'
import type { NamedVoice } from '../remote/config.ts'
import { sendable } from '../remote/sendable.ts'

/** How a clause is to be said in words and by which number: the clause's own, else the voice's; none when neither has. */
export function mannerOf({ instructions, seed }: Clause, voice: NamedVoice) {
  const wish = sendable(instructions ?? '') || voice.instructions
  const chosen = seed ?? voice.seed
  return { ...(wish && { instructions: wish }), ...(chosen !== undefined && { seed: chosen }) }
}
