import { BREAK } from './lines.ts'

const BLOCKS =
  'address article aside blockquote br caption dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody td tfoot th thead tr ul'
const INLINES =
  'a abbr b big button cite code del em font i img input ins kbd label mark picture q s samp small source span strike style sub sup svg time tt u var video audio'
const NAMES = new Map([
  ...BLOCKS.split(' ').map((name) => [name, BREAK] as const),
  ...INLINES.split(' ').map((name) => [name, ''] as const),
])

const TAG =
  /^<\/?([a-z][a-z0-9]{0,10})((?:\s+[a-z:-]{1,30}(?:\s?=\s?(?:"[^"<>]{0,300}"|'[^'<>]{0,300}'|[^\s"'<>]{1,300}))?)*)\s*\/?>/i
const MAYBE_NAME = /^<\/?[a-z0-9]{0,11}$/i
const MAYBE_ATTRIBUTES =
  /^<\/?([a-z][a-z0-9]{0,10})(?:\s*\/?|\s+[a-z:-]{1,30}|\s+[a-z:-]{1,30}\s?=[^<>]{0,400})$/i
const LINK = /^<(?:mailto:)?(https?:\/\/[^\s<>]{1,700}|[\w.+-]{1,64}@[\w.-]{1,253})>/
const MAYBE_LINK = /^<(?:mailto:)?(?:https?:(?:\/(?:\/[^\s<>]{0,700})?)?|[\w.+-]{0,64}(?:@[\w.-]{0,253})?)$/
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  '#39': "'",
}

/** What becomes of markup at an index of a text; undefined when there is none, `more` when that is open yet. */
export type Markup = { readonly text: string; readonly length: number } | 'more' | undefined

/** Reads an HTML tag or an address in angle brackets. Tags that speech models know (`<strong>`) are not taken. */
export function tagAt(window: string): Markup {
  const [tag, name = ''] = TAG.exec(window) ?? []
  if (tag !== undefined) {
    const text = NAMES.get(name.toLowerCase())
    return text === undefined ? undefined : { text, length: tag.length }
  }
  const [link, address = ''] = LINK.exec(window) ?? []
  if (link !== undefined) return { text: address, length: link.length }
  if (MAYBE_NAME.test(window) || MAYBE_LINK.test(window)) return 'more'
  return NAMES.has(MAYBE_ATTRIBUTES.exec(window)?.[1]?.toLowerCase() ?? '') ? 'more' : undefined
}

/** Reads an entity such as `&amp;`. */
export function entityAt(window: string): Markup {
  const [entity, name = ''] = /^&([a-z]{2,4}|#39);/.exec(window) ?? []
  const text = ENTITIES[name]
  if (entity !== undefined && text !== undefined) return { text, length: entity.length }
  return /^&(?:#?[a-z0-9]{0,4})$/.test(window) ? 'more' : undefined
}
