import type { Speakable } from '../splitter.ts'
import { GAP } from './lines.ts'

// What text has no use for: controls, zero-width and direction marks, private and unassigned places.
const UNWANTED =
  /[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]|\p{Co}|\p{Cs}|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}]/gu
const NEWLINES = /\r\n?|[\v\f\x85\u2028]/g
const CONTROL_TOKEN = /<\|[^<>|\s\u0001]{0,64}\|>/g
const OPEN_TOKEN = /<(?:\|[^<>|\s\u0001]{0,64}\|?)?$/
/** What stands for something on the way through the stages, and halves of characters. */
const ALWAYS_UNWANTED = /[\0-\x02]|\p{Cs}/gu
/** A terminal's colours and the like. */
const TERMINAL = /\x1b\[[0-?]{0,32}[ -/]{0,4}[@-~]/g
const MOST_UNFINISHED = 40
const UNFINISHED = /(?:[\ud800-\udbff]|\x1b(?:\[[0-?]{0,32}[ -/]{0,4})?)$/

export interface CleanOptions {
  /** Whether control and invisible characters and a terminal's control sequences go. @default true */
  readonly controls?: boolean
}

/**
 * Takes control characters, a terminal's control sequences, lone surrogates and control tokens (`<|…|>`) out of text;
 * every line ends with `\n`.
 */
export class Clean implements Speakable {
  readonly #controls: boolean
  held = ''
  /** Half a character, or of a terminal's sequence. */
  #half = ''
  #isReturned = false

  constructor({ controls = true }: CleanOptions = {}) {
    this.#controls = controls
  }

  push(text: string): string {
    if (text === '') return ''
    // of \r\n the \n may come later
    const joined = this.#half + (this.#isReturned && text[0] === '\n' ? text.slice(1) : text)
    this.#isReturned = text.endsWith('\r')
    this.#half = UNFINISHED.exec(joined.slice(-MOST_UNFINISHED))?.[0] ?? ''
    const clean = cleaned(joined.slice(0, joined.length - this.#half.length), this.#controls)
    const input = (this.held + clean).replace(CONTROL_TOKEN, GAP)
    this.held = OPEN_TOKEN.exec(input.slice(-70))?.[0] ?? ''
    return input.slice(0, input.length - this.held.length)
  }

  flush(): string {
    const rest = this.held
    this.held = this.#half = ''
    return rest
  }

  end(): string {
    return this.flush()
  }
}

function cleaned(text: string, controls: boolean): string {
  const lines = (controls ? text.replace(TERMINAL, '') : text)
    .replace(NEWLINES, '\n')
    .replaceAll('\u2029', '\n\n')
  return lines.replace(controls ? UNWANTED : ALWAYS_UNWANTED, '')
}
