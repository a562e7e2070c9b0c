import type { Speakable } from '../splitter.ts'
import { GAP } from './lines.ts'

// These are text in ordinary writing, though Unicode lists them among the pictographs.
const TEXTUAL = '©®™‼⁉ℹ〰〽㊗㊙↔→←↑↓'
const PICTOGRAPH = `(?:(?![${TEXTUAL}\\p{Nd}#*])[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\p{Regional_Indicator}])`
// Selectors, keycaps and tags say how the character before them looks.
const DRESS = '[\\ufe0e\\ufe0f\\u20e3\\u{e0020}-\\u{e007f}]'
const EMOJI = new RegExp(`${PICTOGRAPH}[\\u200d\\ufe0e\\ufe0f]*`, 'gu')
const JOINERS = '\u200d\ufe0e\ufe0f'
const DRESSING = new RegExp(DRESS, 'gu')
const ENDS_IN_EMOJI = new RegExp(`${PICTOGRAPH}$`, 'u')
const ANY = new RegExp(`${PICTOGRAPH}|${DRESS}`, 'u')

/** Takes emoji out of text, with all that joins, colours and flags them. Holds nothing back. */
export class Emoji implements Speakable {
  readonly held = ''
  #isJoining = false

  push(text: string): string {
    const joined = this.#isJoining ? text.replace(/^[\u200d\ufe0e\ufe0f]+/, '') : text
    if (joined === '') return ''
    let end = joined.length
    while (JOINERS.includes(joined[end - 1] ?? '-')) end--
    this.#isJoining = ENDS_IN_EMOJI.test(joined.slice(Math.max(0, end - 2), end))
    return ANY.test(joined) ? joined.replace(EMOJI, GAP).replace(DRESSING, '') : joined
  }

  flush(): string {
    return ''
  }

  end(): string {
    return ''
  }
}
