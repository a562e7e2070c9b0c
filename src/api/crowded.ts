/** Most fields and entries that a JSON text may have: to read a million takes half a second, in which no stream goes on. */
export const MOST_VALUES = 20_000

const [QUOTE, COMMA, LIST, OBJECT] = [...'",[{'].map((character) => character.charCodeAt(0))

/** Whether a JSON text has more fields and entries than {@link MOST_VALUES}; in time proportional to its length. */
export function isCrowded(json: string): boolean {
  let count = 0
  for (let at = 0; at < json.length && count <= MOST_VALUES; at++) {
    const unit = json.charCodeAt(at)
    if (unit === QUOTE) at = endOfString(json, at)
    else if (unit === COMMA || unit === LIST || unit === OBJECT) count++
  }
  return count > MOST_VALUES
}

/** Index of the quotation mark that closes the one at `start`, or the text's length. */
function endOfString(json: string, start: number): number {
  let at = start
  do at = json.indexOf('"', at + 1)
  while (at >= 0 && isEscaped(json, at))
  return at < 0 ? json.length : at
}

function isEscaped(json: string, at: number): boolean {
  let from = at
  while (json[from - 1] === '\\') from--
  return (at - from) % 2 === 1
}
