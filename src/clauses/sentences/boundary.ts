import { characterAt, isDigit, isHan, isLetter, isLower, isUpper, Mark, markOf } from '../characters.ts'
import { dot } from './dot.ts'
import { closes, nest } from './nesting.ts'
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
  pause,
  type Tail,
  type Verdict,
  wordBefore,
} from './verdict.ts'

const MAX_RUN = 32

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
  if (tail.open !== '' && !candidate.isStale) return nested(candidate, tail)
  // The newline is a sure end by itself, and knows of which kind.
  if (text[tail.to] === '\n') return inside(tail.to)
  return decide(candidate, tail)
}

function nested(candidate: Candidate, tail: Tail): Verdict {
  const verdict = decide(candidate, tail)
  return verdict.kind === 'end' ? pause(verdict.to) : verdict.kind === 'more' ? MORE : inside(tail.run)
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
    const character = characterAt(text, to)
    const tag = '<['.includes(character) ? clingingTag(text, to, final) : 0
    if (tag === undefined) return undefined
    if (tag > 0) to += tag
    else if (clings(character)) to += character.length
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

/** Combining marks, joiners, raised numbers of notes, and emoji. */
const clings = (character: string): boolean => CLINGING_CHARACTER.test(character)
const CLINGING_CHARACTER =
  /\u200d|[\p{M}¹²³⁰⁴-⁹\p{Emoji_Modifier}\p{Regional_Indicator}]|(?![\p{N}\p{P}])\p{Extended_Pictographic}/u
const isStrayCloser = (character: string): boolean => /[)\]}’'”»"）】》」』〉]/.test(character)

const CLINGING = /^(?:<\/[a-z]{1,12}>|\[\d{1,3}\])/
const MAYBE_CLINGING = /^(?:<(?:\/[a-z]{0,12})?|\[\d{0,3})$/

/** Length of a tag such as `</strong>` or a note such as `[1]`, 0 for none, undefined when one may still come. */
function clingingTag(text: string, at: number, final: boolean): number | undefined {
  const window = text.slice(at, at + 16)
  const found = CLINGING.exec(window)
  if (found) return found[0].length
  return !final && MAYBE_CLINGING.test(window) ? undefined : 0
}

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

/** `Hello!How are you`: a lost space, but for addresses and code. */
const startsGlued = ({ text, at }: Candidate, next: string, bare: boolean): boolean =>
  isOpening(next) || (bare && isUpper(next) && /^[\p{L}\p{M}’']+$/u.test(wordBefore(text, at)))

const isOpening = (character: string): boolean => /[¿¡“„«「『（《【]/.test(character)

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
  if (tail.to >= text.length && !final) return MORE
  const next = text[tail.to] === ' ' ? firstBehind(candidate, tail.to) : ''
  if (next === undefined) return MORE
  if (next === '' && text[tail.to] !== '\n') return end(tail.to)
  if ((tail.open !== '' && !isStale) || !isUpper(next)) return inside(run)
  const ownWord = at > 0 && text[at - 1] !== ' '
  if (ownWord) return dots === 4 ? end(at + 1) : inside(run)
  return dots >= 4 ? end(tail.to) : inside(run)
}
