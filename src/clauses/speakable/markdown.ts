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
/** So much of a line is looked at for what it begins with. */
const LINE_START = 160
const INDENTED = /^[^\S\n]*/
const QUOTED = /^[^\S\n]*(?:>[^\S\n]*)*/
/** A source's number, right behind the sentence that it is for. */
const CITATION = /^\[\d{1,3}\](?!\()/
const FOOTNOTE = /^\[\^[^\s[\]]{1,20}\](:?)/

/** Takes the marks of Markdown and HTML out of text as it comes; fenced code, scripts and styles go altogether. */
export class Markdown implements Speakable {
  held = ''
  #line: 'start' | 'text' | 'heading' | 'row' | 'drop' | 'fence' = 'start'
  /** The marks that close the fence this is in; one in a block quote ends with that, too. */
  #fence = ''
  #isFenceQuoted = false
  /** Whether this line has begun with `>`. */
  #isQuoted = false
  /** How many backticks close the code this is in. */
  #code = 0
  /** What of HTML this is in the middle of. */
  #hidden: Hidden | undefined
  /** The last character said in this line. */
  #last = ''
  /** The mark of the emphasis this is in. */
  #open = ''
  /** Whether nothing was said since a tag. */
  #isBehindTag = false
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
    if (/\S/.test(text)) this.#isBehindTag = false
    return { text, length }
  }

  #begin(text: string, at: number): Exclude<Markup, 'more'> {
    const [indent = ''] = /^[^\S\n]{0,80}/.exec(text.slice(at, at + 80)) ?? []
    if (text[at + indent.length] === '\n') {
      this.#isQuoted = false
      return { text: '\n', length: indent.length + 1 }
    }
    const block = blockAt(text.slice(at + indent.length, at + indent.length + 80), this.#isLast)
    if (block === undefined) return undefined
    this.#line = block.line === 'quote' ? 'start' : block.line
    if (block.line === 'quote') this.#isQuoted = true
    this.#fence = block.fence ?? ''
    this.#isFenceQuoted = this.#isQuoted
    return { text: block.text, length: indent.length + block.length }
  }

  #beginInFence(text: string, at: number): Exclude<Markup, 'more'> {
    const window = text.slice(at, at + LINE_START)
    const isWhole = this.#isLast || window.length === LINE_START
    const [lead = ''] = (this.#isFenceQuoted ? QUOTED : INDENTED).exec(window) ?? []
    if (lead === window && !isWhole) return undefined
    if (this.#isFenceQuoted && !lead.includes('>')) {
      this.#fence = ''
      return { text: '', length: 0 }
    }
    const rest = window.slice(lead.length)
    const marks = new RegExp(`^${this.#fence[0]}{${this.#fence.length},64}[^\\S\\n]*(\\n|$)`).exec(rest)
    if (!isWhole && (marks ? marks[1] === '' : /^[`~]*$/.test(rest))) return undefined
    if (marks) this.#fence = ''
    this.#line = 'drop'
    return { text: '', length: 0 }
  }

  #drop(text: string, at: number): { text: string; length: number } {
    const end = text.indexOf('\n', at)
    if (end < 0) return { text: '', length: text.length - at }
    this.#line = 'start'
    this.#isQuoted = false
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
    this.#isQuoted = false
    this.#code = 0
    this.#open = ''
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
    const mark = text[at] ?? ''
    const run = {
      mark,
      length,
      before: this.#last,
      next: text[at + length] ?? '',
      isOpen: this.#open === mark,
    }
    if (isLiteral(run)) return this.#say(text.slice(at, at + length), length)
    this.#open = this.#open === mark ? '' : mark
    return { text: '', length }
  }

  #link(text: string, at: number): Markup {
    // a ! right behind a word begins no image
    if (text[at] === '!' && /\S/.test(this.#last)) return undefined
    if (text[at] === '!' && at + 1 < text.length && text[at + 1] !== '[') return undefined
    const window = text.slice(at, at + WINDOW)
    if (/[.!?。！？…,，;；:：)）"”'’»」』]/.test(this.#last)) {
      const [citation] = CITATION.exec(window) ?? []
      if (citation !== undefined && (citation !== window || this.#isLast))
        return { text: '', length: citation.length }
    }
    const note = FOOTNOTE.exec(window)
    if (note) return this.#note(note[0], window)
    const found = LINK.exec(window)
    // the label may have marks of its own
    if (found && !this.#isIndex(found)) return this.#say(plainLabel(found[1] ?? ''), found[0].length)
    if (found) return undefined
    return MAYBE_LINK.test(window) ? 'more' : undefined
  }

  /** `[1][2]`, and `a[0][1]`: brackets of their own, and no link by a reference. */
  #isIndex([link, label = '']: RegExpExecArray): boolean {
    return link.endsWith(']') && (/^\d+$/.test(label) || /\w/.test(this.#last))
  }

  /** At a line's beginning a footnote's mark has a colon, which goes with it. */
  #note(note: string, window: string): Markup {
    if (this.#last === '' && note.length === window.length && !this.#isLast) return 'more'
    return { text: '', length: note.length - (this.#last !== '' && note.endsWith(':') ? 1 : 0) }
  }

  #tag(window: string): Markup {
    const found = tagAt(window, { before: this.#last, isFresh: !/\s/.test(this.#last) || this.#isBehindTag })
    if (found && found !== 'more') {
      this.#hidden = found.hides
      this.#isBehindTag = true
    }
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
  /** Whether there is emphasis that it may close. */
  readonly isOpen: boolean
}

/** Whether marks are text, as in `2 * 3`, `snake_case` and `~5`, and no emphasis. */
function isLiteral({ mark, length, before, next, isOpen }: Run): boolean {
  const isWord = (character: string) => /[\p{L}\p{N}_]/u.test(character) && !isHan(character)
  const isInWord = isWord(before) && isWord(next)
  if (mark === '_') return isInWord
  if (mark === '~') return length === 1
  if (length > 2) return false
  const isApart = /^\s?$/.test(before) && /^\s?$/.test(next) && before !== ''
  if (isApart) return true
  if (length === 2) return !isOpen && isInWord && /\d/.test(next)
  return isInWord || (!isOpen && /[\d)]/.test(before) && /[-+\w(]/.test(next))
}

const plainLabel = (label: string): string => label.replace(/(\*\*|__|~~|`)/g, '').replace(/^[*_]|[*_]$/g, '')
