/** Tags such as `[laughter]` and `<strong>` may be said as a sound, or not at all. */
const TAG = /\[[^[\]]*\]|<[^<>]*>/g
/** A word of small letters with a vowel is read; capitals, no vowel or digits in it mean that it may be spelled out. */
const READ = /^\p{Lu}?\p{Ll}*$/u
const VOWEL = /[aeiouyäöüáàâéèêëíîïóôúûůýæœøå]/iu
const WORD = /[\p{Script=Latin}\p{M}\p{N}]+/gu
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u

/**
 * Seconds a character that no honest voice passes. CosyVoice's model itself gives at most 20 speech tokens a text
 * token, 25 a second, a text token being about one Chinese character or four letters: 0.8 s and 0.2 s. Spelled letters,
 * digits in a long number (`million`) and symbols (`percent`, an emoji's name) become words.
 */
const MOST = { wide: 0.8, letter: 0.25, spelled: 0.8, other: 1, digit: 1, space: 0.3, mark: 1, symbol: 4 }
/** Silence at head and tail, a breath, a word of the prompt that slips in. */
const MOST_BESIDE = 5

/** Half of what fast speech takes. What may be left unsaid counts nothing: a text of marks only has a least of 0. */
const LEAST = { wide: 0.07, letter: 0.02, digit: 0.01 }

export interface SpokenSeconds {
  readonly least: number
  readonly most: number
}

/** Tells between how many seconds saying a text takes, with wide margins. */
export function spokenSeconds(text: string): SpokenSeconds {
  return { least: leastSeconds(text.replace(TAG, ' ')), most: MOST_BESIDE + mostSeconds(text) }
}

function leastSeconds(text: string): number {
  const brief = text.replace(/(\p{L})\1+/gu, '$1') // "Noooooo" is as short as its speaker likes
  const signs = brief.match(/[\p{L}\p{N}]/gu) ?? []
  return signs.reduce((sum, sign) => sum + leastOf(sign), 0)
}

function leastOf(sign: string): number {
  if (sign <= 'z') return sign <= '9' ? LEAST.digit : LEAST.letter // as a rule: of ASCII only letters and digits come here
  if (WIDE.test(sign)) return LEAST.wide
  return /\p{N}/u.test(sign) ? LEAST.digit : LEAST.letter
}

function mostSeconds(text: string): number {
  let seconds = 0
  const rest = text.replace(WORD, (word) => {
    seconds += wordSeconds(word)
    return ''
  })
  for (const character of rest) seconds += MOST[kindOf(character)]
  return seconds
}

function wordSeconds(word: string): number {
  const composed = word.normalize('NFC')
  if (READ.test(composed) && VOWEL.test(composed)) return word.length * MOST.letter
  return [...word].reduce((sum, character) => sum + (/\p{N}/u.test(character) ? MOST.digit : MOST.spelled), 0)
}

function kindOf(character: string): keyof typeof MOST {
  if (WIDE.test(character)) return 'wide'
  if (/[\p{L}\p{M}]/u.test(character)) return 'other'
  if (/\s/u.test(character)) return 'space'
  return /\p{P}/u.test(character) ? 'mark' : 'symbol'
}
