/** One entry of a `Server-Timing` header. */
export interface Entry {
  /** A token of HTTP, such as `queue`. */
  readonly name: string
  /** Milliseconds. */
  readonly ms?: number | undefined
  /** Any text. */
  readonly description?: string | undefined
}

/** Writes the value of a `Server-Timing` header, in the order given: `queue;dur=1.2, host;dur=210.4;desc="gpu-1"`. */
export const serverTiming = (entries: readonly Entry[]): string =>
  entries
    .map(({ name, ms, description }) => {
      const duration = ms === undefined ? '' : `;dur=${tenths(ms)}`
      return `${name}${duration}${description === undefined ? '' : `;desc=${quoted(description)}`}`
    })
    .join(', ')

/** Milliseconds to a tenth, as text: whole microseconds are noise. A clock that went back has measured nothing. */
const tenths = (ms: number): string => Math.max(0, ms).toFixed(1)

/**
 * A quoted string of HTTP (RFC 9110, 5.6.4). What a header cannot carry is written in per cent, and so is the per cent
 * sign: decoding it gives the text back, but for halves of characters.
 */
const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : `"${encoded(text)}"`)

const PLAIN = /^[\w .-]*$/

const encoded = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[^\x20-\x7e]|%/gu, encodeURIComponent)
    .replaceAll(/["\\]/g, '\\$&')
