import { wideCharacters } from '../guard/wide-characters.ts'
import type { Clause } from '../speech.ts'

/** Speaking rates at a voice's own pace, in seconds a character: Mandarin some 4.5 syllables, English some 15 letters a second. */
const WIDE_SECONDS = 0.22
const NARROW_SECONDS = 0.067

/** Tells about how many seconds of audio a clause will take, before its host has said a word. */
export function estimate({ spoken, speed }: Pick<Clause, 'spoken' | 'speed'>): number {
  const wide = wideCharacters(spoken)
  return (wide * WIDE_SECONDS + (spoken.length - wide) * NARROW_SECONDS) / speed
}
