import { TAGS } from '../../hosts/speech-marks.ts'
import { BREAK, GAP } from './lines.ts'

const BLOCKS =
  'address article aside blockquote br caption dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody td tfoot th thead tr ul'
const INLINES =
  'a abbr b big button cite code del em font i img input ins kbd label mark picture q s samp small source span strike style sub sup svg time tt u var video audio'
const MARKS: ReadonlySet<string> = new Set(TAGS)
const NAMES = new Map([
  ...BLOCKS.split(' ').map((name) => [name, BREAK] as const),
  ...INLINES.split(' ').map((name) => [name, ''] as const),
])

/** What may stand without a value: any other word is text, as in `x <y and z> w`. */
const BARE =
  '(?:allowfullscreen|async|autofocus|autoplay|checked|compact|controls|default|defer|disabled|download|hidden|inert|ismap|itemscope|loop|multiple|muted|nomodule|noshade|novalidate|nowrap|open|playsinline|readonly|required|reversed|selected|(?:aria|data)-[\\w-]{1,40})'
const KEY = '[a-z_:@#][\\w:.@-]{0,60}'
const VALUE = `\\s?=\\s?(?:"[^"<>]{0,300}"|'[^'<>]{0,300}'|[^\\s"'<>]{1,300})`
const OPEN_VALUE = `\\s?(?:=\\s?(?:"[^"<>]{0,300}|'[^'<>]{0,300}|[^\\s"'<>]{0,300}))?`
const NAME = '[a-z][a-z0-9]{0,31}(?:[:-][a-z0-9]{1,32}){0,4}'
const TAG_START = `^<(\\/?)(${NAME})((?:\\s+(?:${KEY}${VALUE}|${BARE}))*)`
const TAG = new RegExp(`${TAG_START}\\s*(\\/?)>`, 'i')
const MAYBE_NAME = new RegExp(`^<\\/?(?:${NAME}[:-]?)?$`, 'i')
const MAYBE_ATTRIBUTES = new RegExp(`${TAG_START}(?:\\s*\\/?|\\s+${KEY}${OPEN_VALUE})$`, 'i')
const DECLARATION = /^<!doctype(?:\s[^<>]{0,300})?>/i
const MAYBE_DECLARATION = /^<!(?:-|d|do|doc|doct|docty|doctyp|doctype(?:\s[^<>]{0,300})?)?$/i
const LINK = /^<(?:mailto:)?(https?:\/\/[^\s<>]{1,700}|[\w.+-]{1,64}@[\w.-]{1,253})>/
const MAYBE_LINK = /^<(?:mailto:)?(?:https?:(?:\/(?:\/[^\s<>]{0,700})?)?|[\w.+-]{0,64}(?:@[\w.-]{0,253})?)$/
/** What programs call a type: a capital, or one of the names that most languages share. */
const TYPE =
  /^(?:[A-Z]\w*|any|bool|boolean|byte|char|double|float|int|long|number|object|short|str|string|unknown|void|[fiu](?:8|16|32|64))$/
const RAISED = /^<sup>([-+−]?\d{1,4})<\/sup>/i
const MAYBE_RAISED = /^<sup>(?:[-+−]?\d{0,4}|[-+−]?\d{1,4}<(?:\/(?:s(?:up?)?)?)?)$/i
const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  '-': '⁻',
  '−': '⁻',
  '+': '⁺',
  1: '¹',
  2: '²',
  3: '³',
}

const superscript = (character: string): string =>
  SUPERSCRIPTS[character] ?? String.fromCodePoint(0x2070 + Number(character))

const element = (name: string) => ({ end: new RegExp(`</${name}\\s{0,80}>`, 'i'), maybe: /<[^<>]{0,90}$/ })
/** What is no text although it looks so, by what ends it, and what may be the beginning of that. */
const HIDDEN = {
  script: element('script'),
  style: element('style'),
  think: element('think'),
  thinking: element('thinking'),
  comment: { end: /-->/, maybe: /--?$/ },
} as const

export type Hidden = keyof typeof HIDDEN

/** What becomes of markup at an index of a text; undefined when there is none, `more` when that is open yet. */
export type Markup =
  | { readonly text: string; readonly length: number; readonly hides?: Hidden | undefined }
  | 'more'
  | undefined

export interface TagContext {
  /** The last character said in this line. */
  readonly before: string
  /** Whether nothing was said in this line or since the last tag, or it stands right behind a word. */
  readonly isFresh: boolean
}

/**
 * Reads an HTML tag, a comment's beginning or an address in angle brackets, and tells what begins there that is not to
 * be said. Tags that speech models know (`<strong>`) stay, without attributes; `10<sup>6</sup>` becomes `10⁶`, not 106.
 * What follows a word and looks like a type's name is one, as in `List<String>`: it is said. Scripts, comments and a
 * model's thoughts begin where a line does, or behind a tag.
 */
export function tagAt(window: string, { before, isFresh }: TagContext): Markup {
  if (window.startsWith('<!--')) return hiding('comment', { window, length: 4, isFresh })
  const [raised, digits = ''] = RAISED.exec(window) ?? []
  if (raised !== undefined) return { text: digits.replace(/./gu, superscript), length: raised.length }
  if (MAYBE_RAISED.test(window)) return 'more'
  const [tag, slash = '', name = '', attributes = '', end = ''] = TAG.exec(window) ?? []
  if (tag === `<${name}>` && /\w/.test(before) && isType(name)) {
    return { text: `${GAP}${name}${GAP}`, length: tag.length }
  }
  if (tag !== undefined)
    return markupOf(window, { tag, slash, name: name.toLowerCase(), attributes, end, isFresh })
  const [declaration] = DECLARATION.exec(window) ?? []
  if (declaration !== undefined) return { text: '', length: declaration.length }
  const [link, address = ''] = LINK.exec(window) ?? []
  if (link !== undefined) return { text: address, length: link.length }
  const isOpen = [MAYBE_NAME, MAYBE_ATTRIBUTES, MAYBE_DECLARATION, MAYBE_LINK].some((maybe) =>
    maybe.test(window),
  )
  return isOpen ? 'more' : undefined
}

const hides = (name: string): name is Hidden => Object.hasOwn(HIDDEN, name) && name !== 'comment'

function isType(name: string): boolean {
  const tag = name.toLowerCase()
  return TYPE.test(name) && !NAMES.has(tag) && !hides(tag)
}

interface Tag extends Record<'tag' | 'slash' | 'name' | 'attributes' | 'end', string> {
  readonly isFresh: boolean
}

function markupOf(window: string, { tag, slash, name, attributes, end, isFresh }: Tag): Markup {
  const { length } = tag
  if (MARKS.has(name)) return attributes === '' ? undefined : { text: `<${slash}${name}${end}>`, length }
  if (hides(name) && slash === '' && end === '') return hiding(name, { window, length, isFresh })
  return { text: NAMES.get(name) ?? GAP, length }
}

interface Hiding {
  readonly window: string
  /** Of what begins it. */
  readonly length: number
  readonly isFresh: boolean
}

/**
 * What is hidden to its end; but behind a space, where a text may only name it, a comment only if it ends within the
 * window, and else what ends in the same line.
 */
function hiding(what: Hidden, { window, length, isFresh }: Hiding): Markup {
  if (isFresh) return { text: NAMES.get(what) ?? GAP, length, hides: what }
  const rest = window.slice(length)
  const [within = ''] = what === 'comment' ? [rest] : (/^[^\n]*/.exec(rest) ?? [])
  const found = HIDDEN[what].end.exec(within)
  if (found) return { text: GAP, length: length + found.index + found[0].length }
  return within.length < rest.length ? undefined : 'more'
}

/** Reads on in what is hidden: how much of the text belongs to it for sure, and whether it is over then. */
export function hiddenIn(text: string, what: Hidden): { readonly length: number; readonly isOver: boolean } {
  const { end, maybe } = HIDDEN[what]
  const found = end.exec(text)
  if (found) return { length: found.index + found[0].length, isOver: true }
  return { length: maybe.exec(text)?.index ?? text.length, isOver: false }
}
