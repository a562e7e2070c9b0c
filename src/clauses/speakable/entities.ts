import type { Markup } from './html.ts'

/** Those of HTML that running text has: signs and punctuation. Letters with accents come as themselves in UTF-8. */
const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: '&',
    apos: "'",
    bdquo: '„',
    bull: '•',
    cent: '¢',
    copy: '©',
    deg: '°',
    divide: '÷',
    emsp: ' ',
    ensp: ' ',
    euro: '€',
    frac12: '½',
    gt: '>',
    hellip: '…',
    laquo: '«',
    ldquo: '“',
    lsquo: '‘',
    lt: '<',
    mdash: '—',
    middot: '·',
    minus: '−',
    nbsp: ' ',
    ndash: '–',
    plusmn: '±',
    pound: '£',
    quot: '"',
    raquo: '»',
    rdquo: '”',
    reg: '®',
    rsquo: '’',
    sbquo: '‚',
    sect: '§',
    shy: '',
    thinsp: ' ',
    times: '×',
    trade: '™',
    yen: '¥',
    zwnj: '',
  }),
)
const ENTITY = /^&(?:([a-z]{2,8}\d{0,2})|#(\d{1,7})|#x([\da-f]{1,6}));/i
const MAYBE_NAMED = /^&([a-z]{0,8}\d{0,2})$/
const MAYBE_NUMBER = /^&#(?:\d{0,7}|x[\da-f]{0,6})$/i
/** The longest is `&#1114111;`. */
export const LONGEST_ENTITY = 10
/** What would be taken out of the text if it stood there as itself, and what is no character. */
const UNSAID = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Z}]/u

/** Reads an entity such as `&amp;` or `&#8217;`. */
export function entityAt(window: string): Markup {
  const [entity, name, decimal, hex] = ENTITY.exec(window) ?? []
  if (entity !== undefined) {
    const text = name !== undefined ? NAMED.get(name) : characterOf(parseInt(decimal ?? hex!, hex ? 16 : 10))
    return text === undefined ? undefined : { text, length: entity.length }
  }
  const [, begun] = MAYBE_NAMED.exec(window) ?? []
  const isOpen =
    begun === undefined ? MAYBE_NUMBER.test(window) : NAMED.keys().some((known) => known.startsWith(begun))
  return isOpen ? 'more' : undefined
}

function characterOf(point: number): string {
  const character = point <= 0x10ffff ? String.fromCodePoint(point) : ' '
  return UNSAID.test(character) ? ' ' : character
}
