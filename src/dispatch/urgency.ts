import { wideCharacters } from '../guard/wide-characters.ts'
import type { Claim, Clause } from '../speech.ts'

/** 0 goes first: a speech's first clause, for its listener hears nothing yet; 1: a question or exclamation; 2: the rest. */
export type Rank = 0 | 1 | 2

/** How much a clause matters to one who asks for it: by its place in their speech, and their priority. */
export type Standing = Pick<Clause, 'index'> & Pick<Claim, 'priority'>

/** A question or exclamation mark at the end, whatever closes after it. */
const LIVELY = /[?!？！⁉⁈‽؟՞]["'”’»›」』】）)\]\s]*$/u

export function rankOf({ index, spoken }: Pick<Clause, 'index' | 'spoken'>): Rank {
  if (index === 0) return 0
  return LIVELY.test(spoken) ? 1 : 2
}

/** The work that a clause is: its characters, a Chinese, Japanese or Korean one counting three, and at least one. */
export const costOf = ({ spoken }: Pick<Clause, 'spoken'>): number =>
  Math.max(1, spoken.length + 2 * wideCharacters(spoken))
