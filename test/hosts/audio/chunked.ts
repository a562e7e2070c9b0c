import fc from 'fast-check'
import type { Bytes } from '../../../src/speech.ts'

/** Bytes of any length, so cut that small and odd pieces come often. */
export const cuts = fc.array(fc.nat(40), { maxLength: 60 })

/** Cuts bytes into pieces of the sizes given, and a last one of the rest. */
export function chunked(bytes: Bytes, sizes: readonly number[]): Bytes[] {
  const chunks: Bytes[] = []
  let at = 0
  for (const size of sizes) chunks.push(bytes.slice(at, (at += size)))
  return [...chunks, bytes.slice(at)]
}
