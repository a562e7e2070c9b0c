import { codes } from './codes.ts'
import { dates, lead, times } from './dates.ts'
import { numberLanguage } from './languages.ts'
import type { NumberLanguage } from './number-language.ts'
import { CURRENCY, quantities, UNIT } from './quantities.ts'
import { wordsOf } from './words.ts'
import { type Written, writtenIn } from './written.ts'

/** Reads the numbers of a text out in words. */
type Reader = (text: string) => string

/**
 * Writes the numbers, dates, times, amounts and units of a text as words, for a host whose model cannot read digits.
 * `tags` are what the text may be in, the likeliest first; its script decides when none fits. A language whose numbers
 * are not known is left as it is.
 */
export function readNumbers(text: string, tags: readonly string[]): string {
  const narrow = text.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
  if (!/\d/.test(narrow)) return text
  const language = languageOf(narrow, tags)
  return language === undefined ? text : readerOf(language)(narrow)
}

/** The languages of each script, the likeliest first; no others are written in it. */
const SCRIPTS: readonly (readonly [script: RegExp, tags: readonly string[]])[] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/gu, ['ja']],
  [/\p{Script=Hangul}/gu, ['ko']],
  [/\p{Script=Han}/gu, ['zh', 'yue', 'ja']],
  [/\p{Script=Cyrillic}/gu, ['ru', 'uk', 'bg', 'sr', 'be', 'mk', 'kk', 'mn']],
]

/** The language asked for that the script of most letters allows, else the likeliest one of that script. */
function languageOf(text: string, tags: readonly string[]): NumberLanguage | undefined {
  const latin = count(text, /\p{Script=Latin}/gu)
  const isMost = (script: RegExp) => LETTERS_A_SIGN * count(text, script) >= latin
  const [, known] = SCRIPTS.find(([script]) => count(text, script) > 0 && isMost(script)) ?? []
  if (known) return numberLanguage(tags.find((tag) => known.includes(primary(tag))) ?? known[0]!)
  const fits = latin > 0 ? tags.find((tag) => !hasOwnScript(tag)) : tags[0]
  return numberLanguage(fits ?? 'en')
}

/** A Chinese or Japanese sign says about as much as so many Latin letters. */
const LETTERS_A_SIGN = 3

const count = (text: string, letters: RegExp): number => text.match(letters)?.length ?? 0

const primary = (tag: string): string => tag.toLowerCase().split('-')[0] ?? ''

const hasOwnScript = (tag: string): boolean => SCRIPTS.some(([, known]) => known.includes(primary(tag)))

const readers = new Map<NumberLanguage, Reader>()

function readerOf(language: NumberLanguage): Reader {
  const reader = readers.get(language) ?? makeReader(language)
  readers.set(language, reader)
  return reader
}

function makeReader(language: NumberLanguage): Reader {
  const written = writtenIn(language)
  const { own = (text: string) => text } = language
  const passes = [
    spaced(language),
    dates(language),
    codes(language, written),
    ranges(language, written),
    times(language),
    own,
    years(language),
    quantities(language, written),
    ordinals(language),
    numbers(language, written),
  ]
  return (text) => passes.reduce((read, pass) => pass(read), text)
}

/** Digits by letters get a space, so that their words will not join: `B12`, `5pm`. */
const spaced =
  ({ isSolid = false }: NumberLanguage): Reader =>
  (text) =>
    isSolid ? text : text.replace(/(?<=\p{L})(?=\d)|(?<=\d)(?=\p{Lu}|[ap]m(?!\p{L}))/gu, ' ')

const years =
  ({ years, year }: NumberLanguage): Reader =>
  (text) =>
    years && year ? text.replace(years, (digits) => year(digits)) : text

function ordinals(language: NumberLanguage): Reader {
  const { ordinals, ordinal } = language
  if (ordinals === undefined) return (text) => text
  return (text) =>
    text.replace(ordinals, (found, digits: string, at: number) =>
      digits.length > 9 || Number(digits) === 0 ? found : ordinal(digits, lead(text, at)),
    )
}

/** Both ends of a range may have a unit, a currency or minutes. */
function ranges({ to, isSolid = false }: NumberLanguage, { pattern }: Written): Reader {
  const gap = isSolid ? '' : ' '
  const end = `(?:\\d{1,2}[:：]\\d\\d|${pattern})(?: ?(?:${UNIT}|${CURRENCY}))?`
  const range = new RegExp(
    `(?<![\\d.,\\p{Pd}])(${end})(?:[-–—~～〜]| – )(?=(?:(?:${CURRENCY}) ?)?\\d+(?!\\d|[-–]))`,
    'gu',
  )
  return (text) => text.replace(range, (_, first) => `${first}${gap}${to}${gap}`)
}

function numbers(language: NumberLanguage, { pattern, plain }: Written): Reader {
  const { one, two, pairs, isSolid = false } = language
  const number = new RegExp(`(?<![\\p{L}\\p{N})])([-−])?(${pattern})|(?:${pattern})`, 'gu')
  return (text) =>
    text.replace(number, (found: string, minus = '', _digits = '', at: number) => {
      const rest = text.slice(at + found.length)
      if (found === '1' && one !== undefined && /^ \p{L}/u.test(rest)) return one
      if (found === '2' && two !== undefined && pairs?.test(rest) && text[at - 1] !== '第') return two
      const words = wordsOf((minus ? '-' : '') + plain(found.replace(/^[-−]/, '')), language)
      return !isSolid && /^[\p{Script=Latin}\p{Script=Cyrillic}]/u.test(rest) ? `${words} ` : words
    })
}
