import { characterAt, isDigit, isHan, isLower, isUpper } from '../characters.ts'
import { type Abbreviation, abbreviation, isOrdinal, isStarter } from './abbreviations.ts'
import {
  afterDash,
  type Candidate,
  continues,
  end,
  firstBehind,
  inLowerCase,
  inside,
  isDash,
  MORE,
  type Tail,
  type Verdict,
  wordAt,
  wordBefore,
} from './verdict.ts'

/** Decides at a single dot: a sentence's end, or that of an abbreviation, an initial, a number. */
export function dot(candidate: Candidate, { run, to }: Tail): Verdict {
  const { text, at, lead } = candidate
  const next = characterAt(text, to)
  if (isListMarker(`${lead}.`)) {
    const mayBeDots = next === ' ' && firstBehind(candidate, to) === undefined // `1. . .`
    return mayBeDots ? MORE : inside(to)
  }
  if (next !== ' ')
    return isUpper(next) && to === run ? beforeGlued(candidate, to) : dotGlued(candidate, next, to)
  const first = firstBehind(candidate, to)
  if (first === undefined) return MORE
  if (first === '.' || continues(first)) return inside(to)
  if (isDash(first)) return afterDash(candidate, to)
  return dotSpaced(candidate, { to, bare: run === to, first, word: wordBefore(text, at) })
}

function dotGlued({ text, at }: Candidate, next: string, to: number): Verdict {
  const word = wordBefore(text, at)
  if (!isHan(next) || isDotted(word) || abbreviation(word) === 'before') return inside(to)
  return /(^|[\s、；，。])\d{1,3}$/.test(text.slice(Math.max(0, at - 4), at)) ? inside(to) : end(to)
}

/** `It ends here.The next`: a lost space, if a plain word comes before and a usual first word behind. */
function beforeGlued(candidate: Candidate, to: number): Verdict {
  const { text, at, final } = candidate
  if (!/^\p{Lu}?\p{Ll}{2,}$/u.test(wordBefore(text, at))) return inside(to)
  const next = wordAt(candidate, to)
  if (next === undefined || (to + next.length >= text.length && !final)) return MORE
  return isStarter(next) && text[to + next.length] === ' ' ? end(to) : inside(to)
}

interface Spaced {
  /** Where the sentence would end. */
  readonly to: number
  /** No closers behind the dot. */
  readonly bare: boolean
  /** The character behind the space, `''` at the end of the text. */
  readonly first: string
  readonly word: string
}

function dotSpaced(candidate: Candidate, spaced: Spaced): Verdict {
  const { word, first, to } = spaced
  const kind = isCapital(word) && !isDigit(first) ? 'initial' : (abbreviation(word) ?? shape(word))
  if (isLower(first)) return dotLower(candidate, spaced, kind)
  if (kind === undefined) return isDoubled(word) ? afterDoubled(candidate, to) : end(to)
  if (!isUpper(first) && !isDigit(first)) {
    const isApart = first === '' || '¿¡•'.includes(first) || (isHan(first) && !isInitials(candidate, word))
    return kind === 'before' || !isApart ? inside(to) : end(to)
  }
  if (kind === 'ordinal') return afterNumber(candidate, spaced)
  if (kind === 'initial') return afterInitial(candidate, spaced)
  return afterAbbreviation(candidate, spaced, kind)
}

/** `P.` is a name's, though `p.` is a page. */
const isCapital = (word: string): boolean => /^\p{Lu}\p{M}*$/u.test(word)

/** What an unknown word may be by its looks. */
function shape(word: string): 'ordinal' | 'initial' | 'may' | undefined {
  if (/^\d{1,3}$/.test(word)) return 'ordinal'
  if (/^\p{L}\p{M}*$/u.test(word) && !isHan(word)) return 'initial'
  return isDotted(word) ? 'may' : undefined
}

/** Before a small letter only a long plain word, or a text all in lower case, ends its sentence. */
function dotLower({ lead }: Candidate, { to, bare, word }: Spaced, kind: string | undefined): Verdict {
  if (kind || !bare || !/^[\p{L}\p{M}’'-]{2,}$/u.test(word)) return inside(to)
  return word.length >= 5 || inLowerCase(lead) ? end(to) : inside(to)
}

function afterAbbreviation(candidate: Candidate, { to, first, word }: Spaced, kind: Abbreviation): Verdict {
  if (kind === 'before') return inside(to)
  if (isDigit(first)) return inside(to)
  if (kind === 'number' && isCounted(candidate, word)) return byStarter(candidate, to)
  if (kind === 'number' || kind === 'closing') return end(to)
  if (/^[ap]\.m$/i.test(word) && isFrontedTime(candidate.lead)) return inside(to)
  return byStarter(candidate, to)
}

/** `3 Mio. Kunden`, `5 Min. Fahrt`: a number stands before the word. */
const isCounted = ({ text, at }: Candidate, word: string): boolean =>
  /\d[ \u00a0]$/.test(text.slice(Math.max(0, at - word.length - 2), at - word.length))

/** `At 5 a.m. Mr. Smith went`: the time only opens the sentence. */
const isFrontedTime = (lead: string): boolean =>
  lead.length < 24 && /^(About|After|Around|At|Before|By|Every|From|In|On|Since|Until)\b/.test(lead)

function byStarter(candidate: Candidate, to: number): Verdict {
  const next = wordAt(candidate, to + 1)
  if (next === undefined) return MORE
  return isStarter(next) || abbreviation(next) === 'before' ? end(to) : inside(to)
}

function afterInitial(candidate: Candidate, { to, first, word }: Spaced): Verdict {
  if (isDigit(first)) return inside(to)
  const { text, final } = candidate
  const behind = text.slice(to + 1, to + 4)
  if (!final && behind.length < 2) return MORE
  const kind = abbreviation(initialsBefore(candidate, word) + word)
  if (kind === 'before' || /^\p{L}\./u.test(behind)) return inside(to) // z. B. Wasser, J. K. Rowling
  return byStarter(candidate, to)
}

/** `J.K.` of `J. K. R`, without the word itself. */
function initialsBefore({ text, at }: Candidate, word: string): string {
  const window = text.slice(Math.max(0, at - word.length - 12), at - word.length)
  return (/(?<!\p{L})(?:\p{L}\.[ -]?)+$/u.exec(window)?.[0] ?? '').replace(/[ -]/g, '')
}

const isInitials = (candidate: Candidate, word: string): boolean =>
  isCapital(word) && initialsBefore(candidate, word) !== ''

/** U.S., Ph.D., J.-C. */
const isDotted = (word: string): boolean => /^(\p{L}{1,2}\.-?){1,6}\p{L}{1,2}$/u.test(word)

/** Spanish plurals such as `EE. UU.` are two doubled letters. */
const isDoubled = (word: string): boolean => /^(\p{Lu})\1$/u.test(word)

function afterDoubled({ text, final }: Candidate, to: number): Verdict {
  const next = text.slice(to + 1, to + 4)
  if (!final && /^(?:\p{Lu}|(\p{Lu})\1)$/u.test(next)) return MORE
  return isDoubled(next.slice(0, 2)) && next[2] === '.' ? inside(to) : end(to)
}

function afterNumber(candidate: Candidate, { to, first, word }: Spaced): Verdict {
  const { text, at } = candidate
  const next = wordAt(candidate, to + 1)
  if (next === undefined) return MORE
  const before = wordBefore(text, at - word.length - 1)
  if (isDigit(first)) {
    const isChain = /^\d{1,3}$/.test(next) && text[to + 1 + next.length] === '.'
    return isChain || /\.$/.test(before) || isOrdinal(before, next) ? inside(to) : end(to)
  }
  return isOrdinal(before, next) && before !== 'I' ? inside(to) : end(to)
}

/** Whether a sentence so far is only the number or letter of a list item: `1.`, `a)`, `• 9.` */
const isListMarker = (lead: string): boolean =>
  lead.length < 10 && /^[•⁃‣◦*-]?\s?(\d{1,3}|\p{L}|[ivx]{1,4})(\.\)|[.)])$/iu.test(lead.trim())
