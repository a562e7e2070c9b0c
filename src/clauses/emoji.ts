import { GAP } from './lines.ts'
import type { Speakable } from './splitter.ts'

// These are text in ordinary writing, though Unicode lists them among the pictographs.
const TEXTUAL = '©®™‼⁉ℹ〰〽㊗㊙↔→←↑↓'
const PICTOGRAPH = `(?:(?![${TEXTUAL}\\p{Nd}#*])[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\p{Regional_Indicator}])`
// Selectors, keycaps and tags say how the character before them looks.
const DRESS = '[\\ufe0e\\ufe0f\\u20e3\\u{e0020}-\\u{e007f}]'
const EMOJI = new RegExp(`${PICTOGRAPH}[\\u200d\\ufe0e\\ufe0f]*`, 'gu')
const DRESSING = new RegExp(DRESS, 'gu')
const ANY = new RegExp(`${PICTOGRAPH}|${DRESS}`, 'u')

/** Takes emoji out of text, with all that joins, colours and flags them. Holds nothing back. */
export class Emoji implements Speakable {
  readonly held = ''
  #isJoining = false

  push(text: string): string {
    const joined = this.#isJoining ? text.replace(/^[\u200d\ufe0e\ufe0f]+/, '') : text
    if (joined === '') return ''
    const found = ANY.test(joined) ? joined.replace(EMOJI, GAP).replace(DRESSING, '') : joined
    this.#isJoining = found.endsWith(GAP)
    return found
  }

  flush(): string {
    return ''
  }

  end(): string {
    return ''
  }
}
