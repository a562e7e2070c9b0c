import type { LexiconEntry } from '../speech.ts'

export interface LexiconOptions {
  readonly voice: string
  readonly language?: string | undefined
}

/**
 * Compiles the entries that hold for a voice and language into one pass over a text: the longest pattern wins, then
 * the earlier entry; a replacement is not looked at again. Time is proportional to the text's length for given entries.
 */
export function lexicon(
  entries: readonly LexiconEntry[],
  { voice, language }: LexiconOptions,
): (text: string) => string {
  const held = entries.filter((entry) => entry.pattern !== '' && holds(entry, { voice, language }))
  if (held.length === 0) return (text) => text
  // sort() is stable: of equally long patterns the earlier stays in front
  const sorted = held.toSorted((a, b) => b.pattern.length - a.pattern.length)
  const groups = sorted.map(({ pattern, ignoreCase }) => `(${source(pattern.normalize('NFC'), ignoreCase)})`)
  const matcher = new RegExp(groups.join('|'), 'gu')
  return (text) =>
    text.replace(matcher, (...found) => sorted[found.indexOf(found[0], 1) - 1]?.replacement ?? found[0])
}

function holds(entry: LexiconEntry, { voice, language }: LexiconOptions): boolean {
  if (entry.voice !== undefined && entry.voice !== voice) return false
  if (entry.language === undefined) return true
  const [wanted, spoken] = [entry.language.toLowerCase(), language?.toLowerCase()]
  return spoken === wanted || spoken?.startsWith(`${wanted}-`) === true
}

// Scripts without spaces between words have no word edges to respect.
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}'
const WORD = `(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}_])`
const IS_WORD = new RegExp(`^${WORD}$`, 'u')

function source(pattern: string, ignoreCase = false): string {
  const characters = [...pattern]
  const literal = characters.map((character) => anyCase(character, ignoreCase)).join('')
  const before = IS_WORD.test(characters[0] ?? '') ? `(?<!${WORD})` : ''
  const behind = IS_WORD.test(characters.at(-1) ?? '') ? `(?!${WORD})` : ''
  return before + literal + behind
}

/** One character as a pattern, in both cases if asked; the flag `i` would hold for all entries. */
function anyCase(character: string, ignoreCase: boolean): string {
  const cases = ignoreCase ? [character, character.toLowerCase(), character.toUpperCase()] : [character]
  return `(?:${[...new Set(cases)].map(escaped).join('|')})`
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
