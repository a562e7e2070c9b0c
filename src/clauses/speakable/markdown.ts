import { isHan } from '../characters.ts'
import type { Speakable } from '../splitter.ts'
import { blockAt } from './blocks.ts'
import { entityAt, LONGEST_ENTITY } from './entities.ts'
import { type Hidden, hiddenIn, type Markup, tagAt } from './html.ts'
import { GAP } from './lines.ts'

const SPECIAL = new Uint8Array(128)
for (const mark of '*_~`[!<&\\|\n') SPECIAL[mark.charCodeAt(0)] = 1
const WINDOW = 1_200
const MAX_RUN = 64

const LABEL = '[^\\[\\]\\n]{0,200}'
const LINK = new RegExp(
  `^!?\\[(${LABEL})\\](?:\\((?:<[^<>\\n]*>|(?:[^\\s()]|\\([^\\s()]*\\))*)(?:\\s+"[^"\\n]*")?\\s?\\)|\\[${LABEL}\\])`,
)
const MAYBE_LINK = new RegExp(
  `^!?(?:\\[${LABEL}(?:\\](?:\\((?:<[^<>\\n]*>?|[^\\s()]*(?:\\([^\\s()]*\\)[^\\s()]*)*(?:\\([^\\s()]*)?)(?:\\s+(?:"[^"\\n]{0,200}"?)?\\s?)?|\\[${LABEL})?)?)?$`,
)
const FOOTNOTE = /^\[\^[^\s[\]]{1,20}\](:?)/

/** Takes the marks of Markdown and HTML out of text as it comes; fenced code, scripts and styles go altogether. */
export class Markdown implements Speakable {
  held = ''
  #line: 'start' | 'text' | 'heading' | 'row' | 'drop' | 'fence' = 'start'
  /** The marks that close the fence this is in. */
  #fence = ''
  /** How many backticks close the code this is in. */
  #code = 0
  /** What of HTML this is in the middle of. */
  #hidden: Hidden | undefined
  /** The last character said in this line. */
  #last = ''
  #isLast = false

  push(text: string): string {
    return this.#read(this.held + text)
  }

  flush(): string {
    this.#isLast = true
    const rest = this.#read(this.held)
    this.#isLast = false
    return rest
  }

  end(): string {
    return this.flush()
  }

  #read(text: string): string {
    let given = ''
    let at = 0
    while (at < text.length) {
      const taken = this.#step(text, at)
      if (taken === undefined) break
      given += taken.text
      at += taken.length
    }
    this.held = text.slice(at)
    return given
  }

  /** Takes what is at an index; undefined when more text is needed. */
  #step(text: string, at: number): Exclude<Markup, 'more'> {
    if (this.#hidden) return this.#hide(text.slice(at), this.#hidden)
    if (this.#line === 'start')
      return this.#fence === '' ? this.#begin(text, at) : this.#beginInFence(text, at)
    if (this.#line === 'drop' || this.#line === 'fence') return this.#drop(text, at)
    const end = this.#endOfPlain(text, at)
    if (end > at) return this.#say(text.slice(at, end), end - at)
    const markup = this.#inline(text, at)
    if (markup !== 'more') return markup ?? this.#say(text[at] ?? '', 1)
    return this.#isLast || text.length - at >= WINDOW ? this.#say(text[at] ?? '', 1) : undefined
  }

  #say(text: string, length: number): { text: string; length: number } {
    // white space that begins a line is nothing said
    if (this.#last !== '' || /\S/.test(text)) this.#last = text.at(-1) ?? this.#last
    return { text, length }
  }

  #begin(text: string, at: number): Exclude<Markup, 'more'> {
    const [indent = ''] = /^[^\S\n]{0,80}/.exec(text.slice(at, at + 80)) ?? []
    if (text[at + indent.length] === '\n') return { text: '\n', length: indent.length + 1 }
    const block = blockAt(text.slice(at + indent.length, at + indent.length + 80), this.#isLast)
    if (block === undefined) return undefined
    this.#line = block.line
    this.#fence = block.fence ?? ''
    return { text: block.text, length: indent.length + block.length }
  }

  #beginInFence(text: string, at: number): Exclude<Markup, 'more'> {
    const window = text.slice(at, at + 80)
    const marks = new RegExp(
      `^[^\\S\\n]{0,8}${this.#fence[0]}{${this.#fence.length},64}[^\\S\\n]*(\\n|$)`,
    ).exec(window)
    if (!marks && !this.#isLast && window.length < 80 && /^[^\S\n]*[`~]*[^\S\n]*$/.test(window))
      return undefined
    if (marks && marks[1] === '' && !this.#isLast && window.length < 80) return undefined
    if (marks) this.#fence = ''
    this.#line = 'drop'
    return { text: '', length: 0 }
  }

  #drop(text: string, at: number): { text: string; length: number } {
    const end = text.indexOf('\n', at)
    if (end < 0) return { text: '', length: text.length - at }
    this.#line = 'start'
    return { text: '', length: end + 1 - at }
  }

  #endOfPlain(text: string, at: number): number {
    let end = at
    while (end < text.length && !SPECIAL[text.charCodeAt(end)]) end++
    return end
  }

  #inline(text: string, at: number): Markup {
    const mark = text[at]
    if (mark === '\n') return this.#newline()
    if (mark === '`') return this.#backticks(text, at)
    if (this.#code > 0) return undefined
    switch (mark) {
      case '*':
      case '_':
      case '~':
        return this.#emphasis(text, at)
      case '[':
      case '!':
        return this.#link(text, at)
      case '<':
        return this.#tag(text.slice(at, at + WINDOW))
      case '&':
        return entityAt(text.slice(at, at + LONGEST_ENTITY))
      case '\\':
        return this.#escape(text, at)
      default:
        return this.#line === 'row' ? this.#cell(text, at) : undefined
    }
  }

  #newline(): Markup {
    const text = this.#line === 'heading' ? '\n\n' : '\n'
    this.#line = 'start'
    this.#code = 0
    this.#last = ''
    return { text, length: 1 }
  }

  #backticks(text: string, at: number): Markup {
    const length = runAt(text, at)
    if (at + length === text.length && length < MAX_RUN && !this.#isLast) return 'more'
    if (this.#code > 0 && this.#code !== length) return this.#say(text.slice(at, at + length), length)
    this.#code = this.#code > 0 ? 0 : length
    return { text: '', length }
  }

  #emphasis(text: string, at: number): Markup {
    const length = runAt(text, at)
    const isWhole = at + length < text.length || length === MAX_RUN || this.#isLast
    if (!isWhole) return 'more'
    const run = { mark: text[at] ?? '', length, before: this.#last, next: text[at + length] ?? '' }
    return isLiteral(run) ? this.#say(text.slice(at, at + length), length) : { text: '', length }
  }

  #link(text: string, at: number): Markup {
    // a ! right behind a word begins no image
    if (text[at] === '!' && /\S/.test(this.#last)) return undefined
    if (text[at] === '!' && at + 1 < text.length && text[at + 1] !== '[') return undefined
    const window = text.slice(at, at + WINDOW)
    const note = FOOTNOTE.exec(window)
    if (note) return this.#note(note[0], window)
    const found = LINK.exec(window)
    // the label may have marks of its own
    if (found) return this.#say(plainLabel(found[1] ?? ''), found[0].length)
    return MAYBE_LINK.test(window) ? 'more' : undefined
  }

  /** At a line's beginning a footnote's mark has a colon, which goes with it. */
  #note(note: string, window: string): Markup {
    if (this.#last === '' && note.length === window.length && !this.#isLast) return 'more'
    return { text: '', length: note.length - (this.#last !== '' && note.endsWith(':') ? 1 : 0) }
  }

  #tag(window: string): Markup {
    const found = tagAt(window, this.#last)
    if (found && found !== 'more') this.#hidden = found.hides
    return found
  }

  #hide(rest: string, what: Hidden): Exclude<Markup, 'more'> {
    const { length, isOver } = hiddenIn(rest, what)
    if (isOver) this.#hidden = undefined
    else if (this.#isLast) return { text: '', length: rest.length }
    return length > 0 ? { text: '', length } : undefined
  }

  #escape(text: string, at: number): Markup {
    const next = text[at + 1]
    if (next === undefined) return 'more'
    return /[!-/:-@[-`{-~]/.test(next) ? this.#say(next, 2) : undefined
  }

  #cell(text: string, at: number): Markup {
    const [marks = ''] = /^[|\s]+?(?=\n|[^|\s]|$)/.exec(text.slice(at, at + MAX_RUN)) ?? []
    if (at + marks.length >= text.length && marks.length < MAX_RUN && !this.#isLast) return 'more'
    const isEnd = text[at + marks.length] === '\n' || at + marks.length >= text.length
    const isPaused = this.#last === '' || /[,，.。:：;；!?！？]\s*$/.test(this.#last)
    return { text: isEnd || isPaused ? ' ' : `${GAP}, `, length: marks.length }
  }
}

function runAt(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && end - at < MAX_RUN && text[end] === text[at]) end++
  return end - at
}

interface Run {
  readonly mark: string
  readonly length: number
  readonly before: string
  readonly next: string
}

/** Whether marks are text, as in `2 * 3`, `snake_case` and `~5`, and no emphasis. */
function isLiteral({ mark, length, before, next }: Run): boolean {
  const isWord = (character: string) => /[\p{L}\p{N}_]/u.test(character) && !isHan(character)
  const isInWord = isWord(before) && isWord(next)
  if (mark === '_') return isInWord
  if (mark === '~') return length === 1
  if (length > 2) return false
  if (isInWord) return length === 1 || (/\d/.test(before) && /\d/.test(next))
  const isApart = /^\s?$/.test(before) && /^\s?$/.test(next)
  return length === 1 && ((isApart && before !== '') || (before === ')' && /[\w(]/.test(next)))
}

const plainLabel = (label: string): string => label.replace(/(\*\*|__|~~|`)/g, '').replace(/^[*_]|[*_]$/g, '')
