import { BREAK } from './lines.ts'

const MAX_LINE_START = 80

/** What a line's beginning says: how much of it is marks, what they become, and what the line is. */
export interface Block {
  readonly length: number
  /** Said in place of the marks. */
  readonly text: string
  /** `quote` is to look again at what follows, `drop` leaves the line unsaid. */
  readonly line: 'text' | 'quote' | 'heading' | 'row' | 'drop' | 'fence'
  /** The marks that close a fence. */
  readonly fence?: string
}

const PLAIN: Block = { length: 0, text: '', line: 'text' }
const PARAGRAPH = '\n\n'

/** Reads a line's beginning (indentation taken off); undefined when more text is needed. Looks at 80 characters. */
export function blockAt(window: string, isLast: boolean): Block | undefined {
  const more = isLast || window.length >= MAX_LINE_START ? PLAIN : undefined
  switch (window[0]) {
    case undefined:
      return isLast ? PLAIN : undefined
    case '#':
      return heading(window) ?? (/^#{1,6}$/.test(window) ? more : PLAIN)
    case '>':
      return { length: 1, text: '', line: 'quote' }
    case '`':
    case '~':
      return fence(window) ?? (/^(?:`{1,2}|~{1,2}|`{3,}[^`\n]*|~{3,}[^\n]*)$/.test(window) ? more : PLAIN)
    case '|':
      return row(window) ?? more
    case '[':
      return definition(window) ?? (MAYBE_DEFINITION.test(window) ? more : PLAIN)
    case '-':
    case '*':
    case '+':
    case '_':
    case '=':
      return rule(window, isLast) ?? item(window, isLast)
    case '•':
    case '◦':
    case '‣':
    case '▪':
    case '●':
    case '–':
    case '—':
      return item(window, isLast)
    default:
      return numbered(window, more)
  }
}

function heading(window: string): Block | undefined {
  const found = /^#{1,6}(?:[^\S\n]|\u0001|(?=\n))/.exec(window)
  return found ? { length: found[0].length, text: PARAGRAPH, line: 'heading' } : undefined
}

function fence(window: string): Block | undefined {
  const [found, marks = ''] = /^(`{3,}|~{3,})[^`\n]{0,80}(?:\n|$)/.exec(window) ?? []
  if (found === undefined || (!found.endsWith('\n') && window.length < MAX_LINE_START)) return undefined
  // a long row of tildes by itself parts chapters
  const isRule = /^~{4,}\s*$/.test(found)
  return { length: 0, text: PARAGRAPH, line: isRule ? 'drop' : 'fence', fence: isRule ? '' : marks }
}

function row(window: string): Block | undefined {
  if (/^[|:\- \t]*\n/.test(window)) return { length: 0, text: '', line: 'drop' }
  if (/^[|:\- \t]*$/.test(window)) {
    return window.length >= MAX_LINE_START ? { length: 0, text: '', line: 'drop' } : undefined
  }
  return { length: 1, text: BREAK, line: 'row' }
}

const DEFINITION = /^\[(?!\^)[^[\]\n]{1,60}\]:[^\S\n]{0,4}(?:<[^<>\n]|https?:\/\/|mailto:|[/#])/
const MAYBE_DEFINITION = /^\[(?:(?!\^)[^[\]\n]{0,60}(?:\](?::[^\S\n]{0,4}(?:[a-z:]{0,7}\/?|<)?)?)?)?$/

/** `[1]: https://example.com "Title"`: where a link of the text leads. */
function definition(window: string): Block | undefined {
  return DEFINITION.test(window) ? { length: 0, text: PARAGRAPH, line: 'drop' } : undefined
}

const DASHES = /^([-*_=+])(?:[^\S\n]*\1)*[^\S\n]*/

/** A line of dashes or the like; undefined when it is something else, which `item` tells. */
function rule(window: string, isLast: boolean): Block | undefined {
  const [dashes = ''] = DASHES.exec(window) ?? []
  const isWhole =
    dashes.length === window.length
      ? isLast || window.length >= MAX_LINE_START
      : window[dashes.length] === '\n'
  const count = dashes.replace(/\s/g, '').length
  return isWhole && count >= 3 ? { length: 0, text: PARAGRAPH, line: 'drop' } : undefined
}

function item(window: string, isLast: boolean): Block | undefined {
  const isOpen = !isLast && window.length < MAX_LINE_START
  const [dashes = ''] = DASHES.exec(window) ?? []
  if (dashes.length === window.length && isOpen) return undefined
  const [marks] = /^[-*+•◦‣▪●–—][^\S\n]+/.exec(window) ?? []
  if (marks === undefined) return window.length === 1 && isOpen ? undefined : PLAIN
  const rest = window.slice(marks.length)
  if (rest === '' && isOpen) return undefined
  const [task] = /^\[[ xX]\](?:\s|$)/.exec(rest) ?? []
  if (isOpen && /^\[(?:[ xX]\]?)?$/.test(rest)) return undefined
  return { length: marks.length + (task?.length ?? 0), text: BREAK, line: 'text' }
}

const NUMBERS = [
  '\\d{1,3}(?:\\.\\)|[.)])[^\\S\\n]',
  '\\d{1,3}\\.(?=\\p{Script=Han})',
  '\\d{1,3}[、．）]',
  '[（(]\\d{1,3}[）)]',
  '[①-⑳]',
  '[一二三四五六七八九十]{1,3}、',
]
const NUMBERED = new RegExp(`^(?:${NUMBERS.join('|')})`, 'u')
const MAYBE_NUMBERED = /^(?:\d{1,3}(?:\.\)?|\))?|[（(]\d{0,3}|[一二三四五六七八九十]{1,3})$/

function numbered(window: string, more: Block | undefined): Block | undefined {
  if (NUMBERED.test(window)) return { length: 0, text: BREAK, line: 'text' }
  return MAYBE_NUMBERED.test(window) ? more : PLAIN
}
