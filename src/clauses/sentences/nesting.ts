const MAX_DEPTH = 16

// Mixed pairs such as `(…）` are common, so every pair is known by its plainest closer.
const CLOSERS: Readonly<Record<string, string>> = {
  '(': ')',
  '（': ')',
  '〔': ')',
  '[': ']',
  '［': ']',
  '【': ']',
  '〖': ']',
  '{': '}',
  '｛': '}',
  '《': '》',
  '〈': '》',
  '「': '」',
  '『': '」',
  '｢': '」',
  '“': '”',
  '‟': '”',
  '〝': '”',
  '„': '„',
  '«': '»',
}
const CANONICAL: Readonly<Record<string, string>> = {
  '）': ')',
  '〕': ')',
  '］': ']',
  '】': ']',
  '〗': ']',
  '｝': '}',
  '〉': '》',
  '』': '」',
  '｣': '」',
  '〞': '”',
  '〟': '”',
}

/**
 * Whether a bracket or quotation mark closes one that is open. `open` lists the awaited closers, innermost last.
 * `“` closes a German `„`, and `«` a German `»`; `"` closes what it has opened, or else any of `„` and `“`.
 */
export function closes(character: string, open: string): boolean {
  return indexOfCloser(character, open) >= 0
}

function indexOfCloser(character: string, open: string): number {
  switch (character) {
    case '“':
      return open.lastIndexOf('„')
    case '”':
      return Math.max(open.lastIndexOf('”'), open.lastIndexOf('„'))
    case '«':
      return open.lastIndexOf('«')
    case '"':
    case '＂':
      return open.includes('"')
        ? open.lastIndexOf('"')
        : Math.max(open.lastIndexOf('”'), open.lastIndexOf('„'))
    default:
      return open.lastIndexOf(CANONICAL[character] ?? character)
  }
}

/** The awaited closers after a bracket or quotation mark; `before` is the character in front of it. */
export function nest(character: string, before: string, open: string): string {
  const closed = indexOfCloser(character, open)
  if (closed >= 0 && !opensWithin(character, before, open)) return open.slice(0, closed)
  if (open.length >= MAX_DEPTH) return open
  return open + awaited(character, before)
}

/** Whether a `"` in a quotation of other marks begins one of its own, or stands for inches: `„Er sagte "gut".“` */
const opensWithin = (character: string, before: string, open: string): boolean =>
  '"＂'.includes(character) && !open.includes('"') && /^$|[\s([{（\p{Nd}]/u.test(before)

function awaited(character: string, before: string): string {
  switch (character) {
    case '"':
    case '＂':
      // behind a letter, a digit or a stop it is an inch, a second or a stray closer
      return /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Nd}.!?,]/u.test(before) ? '' : '"'
    case '»':
      return before === '' || /[\s([]/.test(before) ? '«' : ''
    case '(':
      return /[:;=-]/.test(before) ? '' : ')' // :( is a face
    default:
      return CLOSERS[character] ?? ''
  }
}
