import { isHan } from '../characters.ts'
import type { Speakable } from '../splitter.ts'

// Chinese, Japanese and Korean have no space before a URL.
const WIDE = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}]'
const NOT_BEFORE = `(?<!(?!${WIDE})[\\p{L}\\p{N}@/.:_-])`
const START = new RegExp(`${NOT_BEFORE}(?:https?://|www\\.)`, 'gu')
const MAYBE_START = new RegExp(`${NOT_BEFORE}(?:h|ht|htt|https?|https?:|https?:/|w{1,3})$`, 'u')
// Within a URL these belong to it only when it goes on behind them.
const PUNCTUATION = /[.,;:!?…'")\]}(/#]/
const MAX_PUNCTUATION = 16

/** Leaves only the host of a bare URL: `https://www.example.com/path?x=1` is said as `example.com`. */
export class Urls implements Speakable {
  /** Text that may be the beginning of a URL. */
  #rest = ''
  /** The character before it, which tells whether one can begin there. */
  #before = ''
  #part: 'none' | 'start' | 'host' | 'path' = 'none'
  #punctuation = ''
  #isParenthesized = false

  push(text: string): string {
    return this.#read(text, false)
  }

  flush(): string {
    const given = this.#read('', true)
    return this.#part === 'none' ? given : given + this.#leave()
  }

  end(): string {
    return this.flush()
  }

  get held(): string {
    return this.#rest + this.#punctuation
  }

  #read(text: string, isLast: boolean): string {
    let input = this.#rest + text
    let given = ''
    this.#rest = ''
    while (input !== '') {
      const [shown, rest] = this.#part === 'none' ? this.#find(input, isLast) : this.#follow(input, isLast)
      given += shown
      if (this.#rest !== '') break
      input = rest
    }
    return given
  }

  /** Gives the text up to a URL, and the rest. */
  #find(input: string, isLast: boolean): [shown: string, rest: string] {
    const text = this.#before + input
    const offset = this.#before.length
    START.lastIndex = offset
    const found = START.exec(text)
    const maybe = found || isLast ? undefined : MAYBE_START.exec(text.slice(-16))
    const at = found ? found.index : text.length - (maybe?.[0].length ?? 0)
    if (at < offset) return [this.#shown(input), '']
    if (found) this.#part = found[0] === 'www.' ? 'host' : 'start'
    if (maybe) this.#rest = maybe[0]
    return [this.#shown(text.slice(offset, at)), text.slice(at + (found?.[0].length ?? 0))]
  }

  #shown(text: string): string {
    this.#before = /.$/su.exec(text.slice(-2))?.[0] ?? this.#before
    return text
  }

  /** Gives what is shown of a URL, and what follows it. */
  #follow(input: string, isLast: boolean): [shown: string, rest: string] {
    let at = 0
    let shown = ''
    if (this.#part === 'start') {
      if (!isLast && 'www.'.startsWith(input)) {
        this.#rest = input
        return ['', '']
      }
      if (input.startsWith('www.')) at = 4
      this.#part = 'host'
    }
    for (; at < input.length; at++) {
      const character = input[at] ?? ''
      if (PUNCTUATION.test(character) && this.#punctuation.length < MAX_PUNCTUATION) {
        this.#punctuation += character
      } else if (isOfUrl(character)) shown += this.#goOn(character)
      else return [shown + this.#leave(), input.slice(at)]
    }
    return [shown, '']
  }

  #goOn(character: string): string {
    const punctuation = this.#punctuation
    this.#punctuation = ''
    if (punctuation.includes('(')) this.#isParenthesized = true
    if (punctuation !== '' && punctuation !== '.') this.#part = 'path'
    return this.#part === 'host' ? punctuation + character : ''
  }

  /** Gives the marks behind a URL that are the sentence's own. */
  #leave(): string {
    const own = this.#punctuation.replace(/[(/#]/g, '')
    const marks = this.#isParenthesized ? own.replace(')', '') : own
    this.#part = 'none'
    this.#punctuation = ''
    this.#isParenthesized = false
    this.#before = 'a' // so that nothing right behind a URL begins another
    return marks
  }
}

const isOfUrl = (character: string): boolean =>
  /[\p{L}\p{N}\p{M}\p{Cs}%&+=@$*~_-]/u.test(character) && !isHan(character)
