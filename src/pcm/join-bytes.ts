import type { Bytes } from '../speech.ts'

/** Copies parts one after another into new bytes; a single part is given as it is. */
export function joinBytes(parts: readonly Bytes[]): Bytes {
  if (parts.length === 1) return parts[0]!
  const whole: Bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
