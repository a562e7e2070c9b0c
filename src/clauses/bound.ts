import { isWide, widthOf } from './characters.ts'

/** A place where a clause may be cut, and how well. */
export interface Place {
  readonly at: number
  readonly ending: 'soft' | 'sentence'
}

export interface BoundOptions {
  /** Greatest width of the part before the cut. */
  readonly max: number
  /** Least width of the part behind it, where there is a choice. */
  readonly min: number
  readonly places: readonly Place[]
}

/** Where a text that is too long is cut, and whether a comma, a sentence or nothing ends there. */
export interface Bound {
  readonly at: number
  readonly ending: 'soft' | 'sentence' | 'forced'
}

/**
 * Finds the last good cut of an overlong text: at a sentence or comma, else between words, else between graphemes.
 * Looks at no more than what exceeds `max` and `min` together, so that it does not matter how much more is there.
 */
export function bound(whole: string, { max, min, places }: BoundOptions): Bound {
  const text = whole.slice(0, indexAtWidth(whole, max + min) + 1)
  const end = indexAtWidth(text, Math.min(max, Math.max(max / 2, widthOf(text) - min)))
  const least = end / 4
  const place =
    places.findLast(({ at, ending }) => at <= end && at >= least && ending === 'sentence') ??
    places.findLast(({ at }) => at <= end && at >= least)
  if (place) return place
  const at =
    lastWordEnd(text, end, least) ??
    lastBreak(text, end, 'word', least) ??
    lastBreak(text, end, 'grapheme', 1)
  return { at: at ?? wholeCharacter(text, end), ending: 'forced' }
}

function indexAtWidth(text: string, width: number): number {
  let left = width
  for (let at = 0; at < text.length; at++) {
    left -= isWide(text.charCodeAt(at)) ? 2 : 1
    if (left < 0) return at
  }
  return text.length
}

/** The last space that parts words: none inside a tag, none between the digits of `10 000`. */
function lastWordEnd(text: string, end: number, least: number): number | undefined {
  for (let at = text.lastIndexOf(' ', end); at >= least && at > 0; at = text.lastIndexOf(' ', at - 1)) {
    if (!isInTag(text, at) && !/\d \d/.test(text.slice(at - 1, at + 2))) return at
  }
  return undefined
}

/** Whether an index may lie within a tag such as `<strong>`, `<break time="1s"/>` or `[laughter]`. */
function isInTag(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 32), at)
  return /<\/?(?:[a-z]{1,12}(?:\s+[a-z]+=[^<>]*|\s*\/)?)?$|\[[a-z]{0,16}$/.test(before)
}

const segmenters = new Map<string, Intl.Segmenter>()

function segmenter(granularity: 'word' | 'grapheme'): Intl.Segmenter {
  const known = segmenters.get(granularity) ?? new Intl.Segmenter(undefined, { granularity })
  segmenters.set(granularity, known)
  return known
}

/** The last boundary up to `end`, from a window about it: segmenting the whole text would cost too much. */
function lastBreak(
  text: string,
  end: number,
  granularity: 'word' | 'grapheme',
  least: number,
): number | undefined {
  const from = windowStart(text, end)
  let found: number | undefined
  for (const { index } of segmenter(granularity).segment(text.slice(from, end + 16))) {
    const at = from + index
    if (at > end) break
    if (index > 0 && at >= least && !isInTag(text, at) && !isInNumber(text, at)) found = at
  }
  return found
}

const isInNumber = (text: string, at: number): boolean =>
  /[\d０-９][.,:]?$/.test(text.slice(Math.max(0, at - 2), at)) &&
  /^[.,:]?[\d０-９]/.test(text.slice(at, at + 2))

const windowStart = (text: string, end: number): number => wholeCharacter(text, Math.max(0, end - 64))

/** An index that splits no surrogate pair, the same or the one before. */
const wholeCharacter = (text: string, at: number): number =>
  at > 0 && /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1] ?? '') ? at - 1 : at
