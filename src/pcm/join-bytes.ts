import type { Bytes } from '../speech.ts'

/** Puts parts one after another into bytes of their own; a single part that has its memory to itself is given as it is. */
export function joinBytes(parts: readonly Bytes[]): Bytes {
  const [first] = parts
  if (first && parts.length === 1 && first.length === first.buffer.byteLength) return first
  const whole: Bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
