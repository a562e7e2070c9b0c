import { type Abbreviation, abbreviation, isOrdinal, isStarter } from './abbreviations.ts'
import { characterAt, isDigit, isHan, isLetter, isLower, isUpper, Mark, markOf } from './characters.ts'
import { closes, nest } from './nesting.ts'

const MAX_RUN = 32
const MAX_WORD = 40
const MAX_NEXT_WORD = 16

/** What is known where a mark that may end a sentence was met. */
export interface Candidate {
  readonly text: string
  /** Index of the mark. */
  readonly at: number
  /** How the sentence begins: its first characters up to the mark, 48 at most. */
  readonly lead: string
  /** Closing marks awaited there, innermost last. */
  readonly open: string
  /** Whether they have been awaited for so long that sentences end all the same. */
  readonly isStale: boolean
  /** Whether `text` is all there will be. */
  readonly final: boolean
}

/** `more` asks for further text; else `to` is where the sentence ends, or how far there is no end. */
export type Verdict = { readonly kind: 'end' | 'inside'; readonly to: number } | { readonly kind: 'more' }

const MORE: Verdict = { kind: 'more' }
const end = (to: number): Verdict => ({ kind: 'end', to })
const inside = (to: number): Verdict => ({ kind: 'inside', to })

/** A mark with its closers, and what comes right behind them. */
interface Tail {
  /** Where the run of marks ends. */
  readonly run: number
  /** Where the closers behind it end. */
  readonly to: number
  readonly open: string
}

/**
 * Decides whether a sentence ends at a mark. Pure, and bounded in work: it looks at some 40 characters before the
 * mark and some 60 after it. Once it has decided, further text would not change its mind.
 */
export function boundary(candidate: Candidate): Verdict {
  const { text, at, final } = candidate
  const spaced = spacedDots(candidate)
  if (spaced) return spaced
  const run = endOfRun(text, at)
  if (run - at >= MAX_RUN) return inside(run)
  const tail = endOfClosers(candidate, run)
  if (!tail) return MORE
  if (tail.to >= text.length) return final ? end(tail.to) : MORE
  if (tail.open !== '' && !candidate.isStale) return inside(run)
  // The newline is a sure end by itself, and knows of which kind.
  if (text[tail.to] === '\n') return inside(tail.to)
  return decide(candidate, tail)
}

function decide(candidate: Candidate, tail: Tail): Verdict {
  const run = candidate.text.slice(candidate.at, tail.run)
  if (hasMark(run, Mark.full)) return full(candidate, tail)
  if (hasMark(run, Mark.exclaim)) return exclaim(candidate, tail)
  if (run.length > 1 || run === '…') return ellipsis(candidate, tail)
  return dot(candidate, tail)
}

const hasMark = (run: string, mark: number): boolean => {
  for (let at = 0; at < run.length; at++) if (markOf(run.charCodeAt(at)) === mark) return true
  return false
}

function endOfRun(text: string, at: number): number {
  let run = at
  while (run < text.length && run - at < MAX_RUN) {
    const mark = markOf(text.charCodeAt(run))
    if (mark !== Mark.dot && mark !== Mark.exclaim && mark !== Mark.full) break
    run++
  }
  return run
}

/** Takes closers, and what clings to the mark: combining marks, closing tags. Undefined when more text is needed. */
function endOfClosers({ text, open, final }: Candidate, run: number): Tail | undefined {
  let to = run
  let awaited = open
  while (to < text.length && to - run < MAX_RUN) {
    const character = text[to] ?? ''
    const tag = character === '<' ? closingTag(text, to, final) : 0
    if (tag === undefined) return undefined
    if (tag > 0) to += tag
    else if (clings(character)) to++
    else if (character === ' ' && awaited !== '') {
      const isCloser = closesApart(text, to + 1, awaited, final)
      if (isCloser === undefined) return undefined
      if (!isCloser) break
      to++
    } else if (closes(character, awaited)) {
      awaited = nest(character, '.', awaited)
      to++
    } else if (isStrayCloser(character)) to++
    else break
  }
  return { run, to, open: awaited }
}

/** Whether a closer stands behind a space, as in French `« … ! »`; undefined when more text is needed. */
function closesApart(text: string, at: number, open: string, final: boolean): boolean | undefined {
  const closer = text[at]
  if (closer === undefined) return final ? false : undefined
  if (!'»”“"」)'.includes(closer) || !closes(closer, open)) return false
  if (closer !== '"') return true
  const next = characterAt(text, at + 1)
  return next === '' && !final ? undefined : !isLetter(next) && !isDigit(next)
}

const clings = (character: string): boolean => /[\p{M}\u200d]/u.test(character)
const isStrayCloser = (character: string): boolean => /[)\]}’'”»"）】》」』〉]/.test(character)

/** Length of a closing tag such as `</strong>`, 0 when there is none, undefined when one may still come. */
function closingTag(text: string, at: number, final: boolean): number | undefined {
  const found = /^<\/[a-z]{1,12}>/.exec(text.slice(at, at + 16))
  if (found) return found[0].length
  return !final && text.length - at < 16 && /^<(\/[a-z]{0,12})?$/.test(text.slice(at)) ? undefined : 0
}

/** After these a sentence goes on. */
const continues = (character: string): boolean => /[,;:，、；：､،؛)\]}）】》」』〉%&/=+]/.test(character)

// --- marks that end a sentence in their script: only what goes on without a break saves it

function full({ text, lead, final }: Candidate, { run, to }: Tail): Verdict {
  const next = characterAt(text, to)
  if (continues(next) || isStop(next)) return inside(to)
  if (to === run && '．'.includes(text[run - 1] ?? '') && isDigit(next)) return inside(to)
  if (to === run || !isHan(next)) return end(to)
  const closer = text[to - 1] ?? ''
  // 《喂！你在哪里？》这首歌: a title, and a remark in brackets within a sentence, end nothing
  if ('》〉】'.includes(closer) || (')）'.includes(closer) && !/^[(（]/.test(lead))) return inside(to)
  // 「すごい！」と言った
  if (/[とってはがをにのもでや]/.test(next)) return inside(to)
  return text[run - 1] === '。' ? end(to) : quoted(text, to, final)
}

const isStop = (character: string): boolean => {
  const mark = markOf(character.charCodeAt(0))
  return mark === Mark.full || mark === Mark.exclaim || mark === Mark.dot
}

/** `“走吧！”他大声说。`: the quotation is a part of the sentence that tells who speaks, but for `她说：` */
function quoted(text: string, to: number, final: boolean): Verdict {
  const [, verb, next] =
    /^[^\P{Script=Han}说說道问問喊叫答嚷吼]{0,7}([说說道问問喊叫答嚷吼]+[着道了]{0,2})?(.?)/u.exec(
      text.slice(to, to + 14),
    ) ?? []
  if (next === '' && !final && text.length < to + 14) return MORE
  return verb === undefined || /[：:]/.test(next ?? '') ? end(to) : inside(to)
}

// --- ! and ?

function exclaim(candidate: Candidate, { run, to }: Tail): Verdict {
  const { text, lead } = candidate
  const next = characterAt(text, to)
  if (continues(next)) return inside(to)
  if (next !== ' ') return isHan(next) || startsGlued(candidate, next, to === run) ? end(to) : inside(to)
  const first = firstBehind(candidate, to)
  if (first === undefined) return MORE
  if (isDash(first)) return afterDash(candidate, to)
  if (isLower(first)) return run === to && inLowerCase(lead) ? end(to) : inside(to)
  return continues(first) || '!?'.includes(first || '~') ? inside(to) : end(to)
}

const isDash = (character: string): boolean => /^[—–]/.test(character)

/** `«Привет!» — сказал он`: behind a dash a small letter goes on with the sentence. */
function afterDash({ text, final }: Candidate, to: number): Verdict {
  const next = text[to + 2] === ' ' ? characterAt(text, to + 3) : characterAt(text, to + 2)
  if (next === '' && !final) return MORE
  return isLower(next) ? inside(to) : end(to)
}

/** `Hello!How are you`: a lost space, but for addresses and code. */
const startsGlued = ({ text, at }: Candidate, next: string, bare: boolean): boolean =>
  isOpening(next) || (bare && isUpper(next) && /^[\p{L}\p{M}’']+$/u.test(wordBefore(text, at)))

const isOpening = (character: string): boolean => /[¿¡“„«「『（《【]/.test(character)

/** The whole text is in lower case, so a small letter says nothing. */
const inLowerCase = (lead: string): boolean => isLower(/\p{L}/u.exec(lead)?.[0] ?? '')

// --- ... and …

function ellipsis(candidate: Candidate, { to }: Tail): Verdict {
  const { text } = candidate
  if (text[to] !== ' ') return inside(to)
  const first = firstBehind(candidate, to)
  if (first === undefined) return MORE
  return first === '' || first === '"' || isUpper(first) || isHan(first) || isOpening(first)
    ? end(to)
    : inside(to)
}

/** Dots with spaces between them: three are an omission, a fourth is the sentence's own. */
function spacedDots(candidate: Candidate): Verdict | undefined {
  const { text, at, final, isStale } = candidate
  if (text.slice(at, at + 3) !== '. .') return undefined
  if (at + 3 >= text.length && !final) return MORE
  if (/[.\p{L}]/u.test(characterAt(text, at + 3))) return undefined // ". ..." or ". .NET"
  let run = at + 1
  let dots = 1
  while (text[run] === ' ' && text[run + 1] === '.' && dots < 8) {
    run += 2
    dots++
  }
  if (dots === 8) return inside(run)
  if (run + 1 >= text.length && !final) return MORE
  const tail = endOfClosers(candidate, run)
  if (!tail) return MORE
  const next = text[tail.to] === ' ' ? characterAt(text, tail.to + 1) : ''
  if (next === '' && text[tail.to] !== '\n') return final || tail.to < text.length ? end(tail.to) : MORE
  if ((tail.open !== '' && !isStale) || !isUpper(next)) return inside(run)
  const ownWord = at > 0 && text[at - 1] !== ' '
  if (ownWord) return dots === 4 ? end(at + 1) : inside(run)
  return dots >= 4 ? end(tail.to) : inside(run)
}

// --- one dot

function dot(candidate: Candidate, { run, to }: Tail): Verdict {
  const { text, at, lead } = candidate
  if (isListMarker(`${lead}.`)) return inside(to)
  const next = characterAt(text, to)
  if (next !== ' ') return dotGlued(candidate, next, to)
  const first = firstBehind(candidate, to)
  if (first === undefined) return MORE
  if (first === '.' || continues(first)) return inside(to)
  if (isDash(first)) return afterDash(candidate, to)
  return dotSpaced(candidate, { to, bare: run === to, first, word: wordBefore(text, at) })
}

function dotGlued({ text, at }: Candidate, next: string, to: number): Verdict {
  if (!isHan(next) || isDotted(wordBefore(text, at))) return inside(to)
  return /(^|[\s、；，。])\d{1,3}$/.test(text.slice(Math.max(0, at - 4), at)) ? inside(to) : end(to)
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
  const kind = abbreviation(word) ?? shape(word)
  if (isLower(first)) return dotLower(candidate, spaced, kind)
  if (kind === undefined) return isDoubled(word) ? afterDoubled(candidate, to) : end(to)
  if (!isUpper(first) && !isDigit(first)) {
    const isApart = first === '' || '¿¡•'.includes(first) || isHan(first)
    return kind === 'before' || !isApart ? inside(to) : end(to)
  }
  if (kind === 'ordinal') return afterNumber(candidate, spaced)
  if (kind === 'initial') return afterInitial(candidate, spaced)
  return afterAbbreviation(candidate, spaced, kind)
}

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
  if (kind === 'number' || kind === 'closing') return end(to)
  if (/^[ap]\.m$/i.test(word) && isFrontedTime(candidate.lead)) return inside(to)
  return byStarter(candidate, to)
}

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
  const before = candidate.text.slice(Math.max(0, candidate.at - word.length - 4), candidate.at - word.length)
  if (/\p{L}\.[ -]?$/u.test(before)) return inside(to) // J. K. Rowling, z. B. Wasser
  return byStarter(candidate, to)
}

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

// --- words

/** Whether a sentence so far is only the number or letter of a list item: `1.`, `a)`, `• 9.` */
export const isListMarker = (lead: string): boolean =>
  lead.length < 10 && /^[•⁃‣◦*-]?\s?(\d{1,3}|\p{L}|[ivx]{1,4})(\.\)|[.)])$/iu.test(lead.trim())

/** The character behind a space, `''` at the end of the text; undefined when it is still to come. */
const firstBehind = ({ text, final }: Candidate, space: number): string | undefined =>
  space + 1 < text.length ? characterAt(text, space + 1) : final ? '' : undefined

const isEdge = (character: string): boolean => /[\s()[\]{}"“”„«»‘/<>]/.test(character) || isHan(character)

function wordBefore(text: string, at: number): string {
  let from = at
  while (from > 0 && at - from < MAX_WORD && !isEdge(text[from - 1] ?? '')) from--
  return text.slice(from, at).replace(/^[^\p{L}\p{N}№§]+/u, '')
}

/** The word at an index, cut at 16 characters; undefined when it may not be whole. */
function wordAt({ text, final }: Candidate, at: number): string | undefined {
  const found = /^[\p{L}\p{M}\p{N}'’]*/u.exec(text.slice(at, at + MAX_NEXT_WORD))?.[0] ?? ''
  return !final && at + found.length >= text.length && found.length < MAX_NEXT_WORD ? undefined : found
}
