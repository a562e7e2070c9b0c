import { isDigit, isLetter, isLower, isWide, widthOf } from '../characters.ts'
import type { Speakable } from '../splitter.ts'

/** Stands where something was taken out: white space, unless a punctuation mark follows. */
export const GAP = '\u0001'
/** Stands where a line begins that is no continuation of the one before, such as a list's item. */
export const BREAK = '\u0002'

// A line as long as this was probably wrapped by a program, a shorter one was ended by its writer.
const WRAPPED_WIDTH = 60

// All white space but a single space between words: most of a text is as it should be.
const WHITE = /^[\s\u0001\u0002]+|(?:[^\S ]|[\u0001\u0002]| (?=[\s\u0001\u0002]|$))[\s\u0001\u0002]*/g

/** Folds white space: `\n\n` between paragraphs, `\n` between lines that stand for themselves, else single spaces. */
export class Lines implements Speakable {
  readonly held = ''
  /** The white space that waits for what follows it. */
  #space = { newlines: 0, isBreak: false, isGap: false, isWide: false }
  #last = ''
  #width = 0

  push(text: string): string {
    WHITE.lastIndex = 0
    let given = ''
    let at = 0
    for (let found = WHITE.exec(text); found; found = WHITE.exec(text)) {
      given += this.#word(text.slice(at, found.index)) + this.#wait(found[0])
      at = WHITE.lastIndex
    }
    return given + this.#word(text.slice(at))
  }

  /** Forgets the white space it waited with: what comes next begins a text. */
  flush(): string {
    this.#last = ''
    this.#forget()
    return ''
  }

  end(): string {
    return ''
  }

  #wait(white: string): string {
    const space = this.#space
    if (this.#last === '') return ''
    for (const character of white) {
      if (character === '\n') space.newlines++
      else if (character === BREAK) space.isBreak = true
      else if (character === GAP) space.isGap = true
      else space.isWide = true
      if (space.newlines === 2) return this.#paragraph()
    }
    return ''
  }

  #paragraph(): string {
    this.#last = ''
    this.#forget()
    return '\n\n'
  }

  #forget(): void {
    this.#space = { newlines: 0, isBreak: false, isGap: false, isWide: false }
    this.#width = 0
  }

  #word(word: string): string {
    if (word === '') return ''
    const separator = this.#separator(word[0] ?? '')
    const text = withoutControlMarks(word, separator === '' ? this.#last : '')
    if (separator === '\n' || this.#space.newlines > 0) this.#width = 0
    this.#width += widthOf(text) + separator.length
    this.#space = { newlines: 0, isBreak: false, isGap: false, isWide: false }
    this.#last = text.at(-1) ?? this.#last
    return separator + text
  }

  #separator(next: string): string {
    const { newlines, isBreak, isGap, isWide } = this.#space
    if (this.#last === '') return ''
    if (isBreak) return '\n'
    if (newlines > 0) return this.#isContinued(next) ? this.#join(next) : '\n'
    if (isGap && /[.,;:!?)\]}…。，、；：！？）】》」』”’]/.test(next)) return ''
    return isWide ? ' ' : isGap ? this.#join(next) : ''
  }

  #join(next: string): string {
    return isWide(this.#last.charCodeAt(0)) && isWide(next.charCodeAt(0)) ? '' : ' '
  }

  /** Whether a line that begins with `next` goes on with the sentence of the line before. */
  #isContinued(next: string): boolean {
    const last = this.#last
    if (/[:：]/.test(last)) return false
    if (isLower(next) || /[,，、]/.test(last)) return true
    return (
      this.#width >= WRAPPED_WIDTH &&
      (isLetter(next) || isDigit(next) || /["'“‘„«(（「『《\ud800-\udbff]/.test(next))
    )
  }
}

/** Sees to it that neither `<|` nor `|>` is ever made, not even by what was taken out between the two. */
function withoutControlMarks(word: string, last: string): string {
  const first = last === '<' ? word.replace(/^\|+/, '') : last === '|' ? word.replace(/^>+/, '') : word
  return first.replace(/(<)\|+|(\|)>+/g, '$1$2')
}
