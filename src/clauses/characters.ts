/** What a character may mean to a sentence; a character has at most one of these. */
export const Mark = {
  none: 0,
  /** `.` and the ellipsis: an end, or not. */
  dot: 1,
  /** `!` and `?` of spaced scripts. */
  exclaim: 2,
  /** Ends a sentence whatever follows, such as `。`. */
  full: 3,
  soft: 4,
  open: 5,
  close: 6,
  /** A quotation mark that opens and closes. */
  quote: 7,
  newline: 8,
  space: 9,
} as const

const MARKS: readonly (readonly [number, string])[] = [
  [Mark.dot, '.…'],
  [Mark.exclaim, '!?‼⁇⁈⁉‽'],
  [Mark.full, '。！？｡．﹒﹖﹗؟۔।॥։፧።။។៕᠃༎၊'],
  [Mark.soft, ',;:—–-，、；：،؛﹐﹑﹔﹕､'],
  [Mark.open, '([{（【《〈「『〔〖［｛“„«‟〝｢'],
  [Mark.close, ')]}）】》〉」』〕〗］｝”»〞〟｣'],
  [Mark.quote, '"＂'],
  [Mark.newline, '\n'],
  [Mark.space, ' '],
]

const TABLE = new Uint8Array(65_536)
for (const [mark, characters] of MARKS) {
  for (const character of characters) TABLE[character.charCodeAt(0)] = mark
}

/** The meaning of a UTF-16 code unit; `NaN` (past the end) has none. */
export const markOf = (unit: number): number => TABLE[unit] ?? Mark.none

/** Whether a code unit is written about two columns wide, and takes about twice as long to say. */
export const isWide = (unit: number): boolean =>
  unit >= 0x1100 &&
  (unit <= 0x115f ||
    (unit >= 0x2e80 && unit <= 0xa4cf) ||
    (unit >= 0xac00 && unit <= 0xd7a3) ||
    (unit >= 0xf900 && unit <= 0xfaff) ||
    (unit >= 0xfe30 && unit <= 0xfe4f) ||
    (unit >= 0xff01 && unit <= 0xff60))

/** Length with wide characters counted as two; never less than the number of code units. */
export function widthOf(text: string): number {
  let width = text.length
  for (let at = 0; at < text.length; at++) if (isWide(text.charCodeAt(at))) width++
  return width
}

/** Chinese and Japanese: no spaces between words, and a full stop of its own. */
export const isHan = (character: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}々〆ー]/u.test(character)

export const isUpper = (character: string): boolean => /[\p{Lu}\p{Lt}]/u.test(character)
export const isLower = (character: string): boolean => /\p{Ll}/u.test(character)
export const isDigit = (character: string): boolean => /\p{Nd}/u.test(character)
export const isLetter = (character: string): boolean => /\p{L}/u.test(character)

/** The whole character at an index, both halves of a surrogate pair; empty past the end. */
export function characterAt(text: string, at: number): string {
  const point = text.codePointAt(at)
  return point === undefined ? '' : String.fromCodePoint(point)
}
