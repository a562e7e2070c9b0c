import { GAP } from './lines.ts'
import type { Speakable } from './splitter.ts'

// What text has no use for: controls, zero-width and direction marks, tags, private and unassigned places.
const UNWANTED =
  /[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]|\p{Co}|\p{Cs}|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}]/gu
const NEWLINES = /\r\n?|[\v\f\x85\u2028]/g
const CONTROL_TOKEN = /<\|[^<>|\n]{0,64}\|>/g
const OPEN_TOKEN = /<(?:\|[^<>|\n]{0,64}\|?)?$/
const HIGH_SURROGATE = /[\ud800-\udbff]$/

/** Takes control characters, lone surrogates and control tokens (`<|…|>`) out of text; every line ends with `\n`. */
export class Clean implements Speakable {
  held = ''
  #isReturned = false

  push(text: string): string {
    let input = this.held + text
    if (input === '') return ''
    // of \r\n the \n may come later
    if (this.#isReturned && input[0] === '\n') input = input.slice(1)
    this.#isReturned = input.endsWith('\r')
    this.held = HIGH_SURROGATE.exec(input)?.[0] ?? ''
    const whole = cleaned(input.slice(0, input.length - this.held.length))
    const open = OPEN_TOKEN.exec(whole.slice(-70))?.[0] ?? ''
    this.held = open + this.held
    return whole.slice(0, whole.length - open.length)
  }

  flush(): string {
    const rest = cleaned(this.held)
    this.held = ''
    return rest
  }

  end(): string {
    return this.flush()
  }
}

const cleaned = (text: string): string =>
  text.replace(NEWLINES, '\n').replaceAll('\u2029', '\n\n').replace(UNWANTED, '').replace(CONTROL_TOKEN, GAP)
