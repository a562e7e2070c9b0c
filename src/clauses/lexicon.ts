import type { LexiconEntry } from '../speech.ts'

export interface LexiconOptions {
  readonly voice: string
  /** The text is in one of these; in any when there are none. @default [] */
  readonly languages?: readonly string[] | undefined
}

/**
 * Gives what replaces patterns in a text for a voice and languages, in one pass: the longest pattern wins, then the
 * earlier entry; a replacement is not looked at again. Time is proportional to the text's length for given entries, and
 * that to make it ready to the length of all patterns.
 */
export function lexicon(entries: readonly LexiconEntry[], options: LexiconOptions): (text: string) => string {
  const held = entries.filter((entry) => entry.pattern !== '' && holds(entry, options))
  if (held.length === 0) return (text) => text
  const tries = [new Trie(same), new Trie(folded)] as const
  for (const [rank, { pattern, replacement, ignoreCase }] of held.entries())
    tries[ignoreCase ? 1 : 0].add(pattern.normalize('NFC'), { rank, replacement })
  return (text) => {
    const characters = [...text]
    let said = ''
    for (let at = 0; at < characters.length; ) {
      const found = better(tries[0].longest(characters, at), tries[1].longest(characters, at))
      said += found ? found.replacement : characters[at]
      at = found ? found.end : at + 1
    }
    return said
  }
}

function holds(entry: LexiconEntry, { voice, languages = [] }: LexiconOptions): boolean {
  if (entry.voice !== undefined && entry.voice !== voice) return false
  if (entry.language === undefined || languages.length === 0) return true
  const wanted = `${entry.language}-`.toLowerCase()
  return languages.some((language) => `${language}-`.toLowerCase().startsWith(wanted))
}

interface Entry {
  /** Of two for the same words the lower one holds. */
  readonly rank: number
  readonly replacement: string
}

interface Found extends Entry {
  /** Behind its last character. */
  readonly end: number
}

interface Node {
  readonly next: Map<string, Node>
  entry: Entry | undefined
}

/** Patterns by their characters, each in the form in which it is compared. */
class Trie {
  readonly #root: Node = { next: new Map(), entry: undefined }
  readonly #form: (character: string) => string

  constructor(form: (character: string) => string) {
    this.#form = form
  }

  add(pattern: string, entry: Entry): void {
    let node = this.#root
    for (const character of pattern) {
      for (const part of this.#form(character)) {
        let next = node.next.get(part)
        if (!next) node.next.set(part, (next = { next: new Map(), entry: undefined }))
        node = next
      }
    }
    node.entry ??= entry
  }

  /** The longest pattern that stands here and cuts no word. */
  longest(characters: readonly string[], at: number): Found | undefined {
    if (this.#root.next.size === 0) return undefined
    let found: Found | undefined
    let node: Node | undefined = this.#root
    for (let end = at; end < characters.length; ) {
      for (const part of this.#form(characters[end++]!)) node = node?.next.get(part)
      if (!node) break
      if (node.entry && !isWithinWord(characters, end)) found = { ...node.entry, end }
    }
    return found && !isWithinWord(characters, at) ? found : undefined
  }
}

function better(a: Found | undefined, b: Found | undefined): Found | undefined {
  if (!a || !b) return a ?? b
  return a.end > b.end || (a.end === b.end && a.rank < b.rank) ? a : b
}

const same = (character: string): string => character
/** The same for both cases: `ß` and `SS` become `ss`. */
const folded = (character: string): string => character.toUpperCase().toLowerCase()

// Scripts without spaces between words have no word edges to respect.
const IS_WORD =
  /^(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{M}\p{N}_]/u

const isWithinWord = (characters: readonly string[], at: number): boolean =>
  IS_WORD.test(characters[at - 1] ?? '') && IS_WORD.test(characters[at] ?? '')
