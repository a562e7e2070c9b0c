import { characterAt, isDigit, isHan, isUpper, Mark, markOf } from '../characters.ts'
import { boundary } from './boundary.ts'
import { closes, nest } from './nesting.ts'

const LOOK_BACK = 64
const LEAD = 48
const MAX_LABEL = 12
// In a quotation that goes on for longer, or one that nobody closed, sentences end all the same.
const MAX_NESTED = 120

/** How a stretch of text ended. */
export type Ending = 'soft' | 'sentence' | 'line' | 'paragraph'

/** Is told of text in order, in pieces of any size, and of each place where it may be cut, right when it is sure. */
export interface Sink {
  text(slice: string): void
  cut(ending: Ending): void
}

/**
 * Walks over text as it comes, in whole characters, and finds its sentences and soft breaks. Holds a window of some
 * 100 characters.
 */
export class Scanner {
  readonly #sink: Sink
  #text = ''
  /** How far the text is understood. */
  #at = 0
  /** How far the sink has it. */
  #given = 0
  /** Where the sentence begins; negative once that has left the window, and then `#lead` has its beginning. */
  #start = 0
  #lead = ''
  #open = ''
  #openedAt = 0
  /** In a list that runs on in one line: what begins the next item. */
  #item = ''
  #final = false
  #steps = 0

  constructor(sink: Sink) {
    this.#sink = sink
  }

  push(text: string): void {
    this.#text += text
    this.#walk()
    this.#give(this.#at)
    this.#compact()
  }

  /** Decides with what there is, as if the text ended here. The next text begins a sentence. */
  end(): void {
    this.#final = true
    this.#walk()
    this.#give(this.#text.length)
    this.#reset()
    this.#text = ''
    this.#at = this.#given = this.#start = 0
    this.#final = false
  }

  /** The text that waits for what comes behind it. */
  get pending(): string {
    return this.#text.slice(this.#at)
  }

  /** How many marks and runs between them it has looked at: in proportion to the text, whatever the text. */
  get steps(): number {
    return this.#steps
  }

  #walk(): void {
    let goOn = true
    while (goOn && this.#at < this.#text.length) {
      this.#steps++
      const mark = markOf(this.#text.charCodeAt(this.#at))
      goOn = mark === Mark.none ? this.#plain() : this.#meet(mark)
    }
  }

  #plain(): boolean {
    const text = this.#text
    let at = this.#at + 1
    while (at < text.length && markOf(text.charCodeAt(at)) === Mark.none) at++
    this.#at = at
    return true
  }

  /** Goes past a mark; false when it must wait for more text. */
  #meet(mark: number): boolean {
    switch (mark) {
      case Mark.space:
        return this.#space()
      case Mark.newline:
        return this.#newline()
      case Mark.soft:
        return this.#soft()
      case Mark.open:
      case Mark.close:
      case Mark.quote:
        return this.#nest()
      default:
        return this.#stop()
    }
  }

  #stop(): boolean {
    const verdict = boundary({
      text: this.#text,
      at: this.#at,
      lead: this.#leadTo(this.#at),
      open: this.#open,
      isStale: this.#at - this.#openedAt > MAX_NESTED,
      final: this.#final,
    })
    if (verdict.kind === 'more') return false
    if (verdict.kind === 'end') this.#cut(verdict.to, 'sentence')
    else {
      this.#skip(verdict.to)
      if (verdict.kind === 'pause' || this.#text[verdict.to - 1] === '…') this.#breathe()
    }
    return true
  }

  #breathe(): void {
    this.#give(this.#at)
    this.#sink.cut('soft')
  }

  /** Goes to an index, heeding the brackets on the way. */
  #skip(to: number): void {
    while (this.#at < to) {
      const mark = markOf(this.#text.charCodeAt(this.#at))
      if (mark === Mark.open || mark === Mark.close || mark === Mark.quote) this.#nest()
      else this.#at++
    }
    this.#findItem()
  }

  #nest(): boolean {
    const before = this.#text[this.#at - 1] ?? ''
    const open = nest(this.#text[this.#at] ?? '', before, this.#open)
    if (open.length > this.#open.length && this.#open === '') this.#openedAt = this.#at
    this.#open = open
    this.#at++
    this.#findItem()
    return true
  }

  #newline(): boolean {
    const next = this.#text[this.#at + 1]
    if (next === undefined && !this.#final) return false
    const isParagraph = next === '\n'
    this.#cut(this.#at, isParagraph ? 'paragraph' : 'line')
    this.#at += isParagraph ? 2 : 1
    this.#given = this.#start = this.#at
    return true
  }

  #space(): boolean {
    if (this.#item !== '') {
      const next = this.#text.slice(this.#at + 1, this.#at + 1 + this.#item.length)
      // Latin names have such capitals too: J. K. Rowling
      const mayBegin = !isUpper(this.#item) || isHan(this.#text[this.#at - 1] ?? '')
      if (next === this.#item && mayBegin) {
        this.#cut(this.#at, 'sentence')
        return true
      }
      if (!this.#final && this.#item.startsWith(next)) return false
    }
    // `( a` opens nothing
    if (this.#open.endsWith(')') && this.#text[this.#at - 1] === '(') this.#open = this.#open.slice(0, -1)
    this.#at++
    this.#findItem()
    return true
  }

  /** Looks whether the sentence has just begun as a list item. */
  #findItem(): void {
    if (this.#item === '' && this.#at - this.#start <= MAX_LABEL) {
      this.#item = nextItem(this.#leadTo(this.#at)) ?? ''
    }
  }

  #soft(): boolean {
    const text = this.#text
    const at = this.#at
    const character = text[at] ?? ''
    let to = at + 1
    if (character === ',' && text[to] === ',' && (at === 0 || text[at - 1] === ' ')) {
      if (this.#open === '') this.#openedAt = at
      this.#open += '„' // ,,German quotes typed as commas“
      this.#at += 2
      return true
    }
    while (to < text.length && to - at < 8 && (text[to] === character || this.#isCloser(text[to] ?? ''))) to++
    const known = '—–-'.includes(character) ? to + 1 : to
    if (known >= text.length && !this.#final) return false
    const isBreak = isSoft(character, text[at - 1] ?? '', characterAt(text, to)) && !isRange(text, at, to)
    this.#skip(to)
    if (isBreak) this.#breathe()
    return true
  }

  #isCloser(character: string): boolean {
    return closes(character, this.#open)
  }

  #cut(to: number, ending: Ending): void {
    this.#give(to)
    this.#at = to
    this.#sink.cut(ending)
    this.#reset()
    this.#start = to
  }

  #reset(): void {
    this.#lead = ''
    this.#open = ''
    this.#item = ''
  }

  #give(to: number): void {
    if (to > this.#given) this.#sink.text(this.#text.slice(this.#given, to))
    this.#given = to
  }

  #leadTo(at: number): string {
    const lead = this.#start >= 0 ? this.#text.slice(this.#start, this.#start + LEAD) : this.#lead
    const length = at - this.#start
    return (length < LEAD ? lead.slice(0, length) : lead).trimStart()
  }

  #compact(): void {
    const drop = this.#at - LOOK_BACK
    if (drop <= 0) return
    if (this.#start >= 0 && this.#start < drop) this.#lead = this.#text.slice(this.#start, this.#start + LEAD)
    this.#text = this.#text.slice(drop)
    this.#at -= drop
    this.#given -= drop
    this.#start -= drop
    this.#openedAt -= drop
  }
}

/** Whether a comma, colon or dash between these characters is a place to breathe, and no part of a number. */
function isSoft(mark: string, before: string, next: string): boolean {
  if ('，、；：،؛﹐﹑﹔﹕､'.includes(mark)) return !(isDigit(before) && isDigit(next))
  if (mark === '—') return next !== ''
  if (mark === '–' || mark === '-') return before === ' ' && next === ' '
  return next === ' ' || (isHan(before) && isHan(next))
}

/** Whether a dash stands between two numbers or dates: `9:00 – 17:00`, `2019—2023年`. */
const isRange = (text: string, dash: number, to: number): boolean =>
  /^[—–-]+$/.test(text.slice(dash, to)) &&
  /[\p{Nd}年月日%°] ?$/u.test(text.slice(Math.max(0, dash - 2), dash)) &&
  /^ ?[\p{Nd}公前]/u.test(text.slice(to, to + 2))

/** What begins the item after the one that begins with `lead`: `2.` after `1.`, a bullet after a bullet. */
function nextItem(lead: string): string | undefined {
  const found = /^([•⁃‣◦])?\s?(?:(\d{1,3}|[a-yA-Y])(\.\)|[.)]))?$/u.exec(lead.trim())
  if (!found) return undefined
  const [, bullet, label, style] = found
  if (bullet !== undefined) return bullet
  if (label === undefined) return undefined
  return `${/\d/.test(label) ? Number(label) + 1 : String.fromCharCode(label.charCodeAt(0) + 1)}${style} `
}
