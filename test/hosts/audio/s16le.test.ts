import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { s16le } from '../../../src/hosts/audio/s16le.ts'
import type { Bytes } from '../../../src/speech.ts'

const cutAt = (bytes: Bytes, sizes: readonly number[]): Bytes[] => {
  const chunks: Bytes[] = []
  let at = 0
  for (const size of sizes) chunks.push(bytes.subarray(at, (at += size)))
  return [...chunks, bytes.subarray(at)]
}

test('s16le() gives the same samples wherever its bytes are cut', () => {
  const chunked = fc.tuple(fc.int16Array({ maxLength: 50 }), fc.array(fc.nat(9), { maxLength: 30 }))
  fc.assert(
    fc.property(chunked, ([samples, sizes]) => {
      const stage = s16le()
      const bytes = new Uint8Array(samples.slice().buffer)
      const given = cutAt(bytes, sizes).flatMap((chunk) => [...stage.push(chunk)])
      expect([...given, ...stage.end()]).toEqual([...samples])
    }),
    { numRuns: 500 },
  )
})

test('s16le() calls half a sample at the end a failure of the host', () => {
  const stage = s16le()
  expect([...stage.push(Uint8Array.of(1, 2, 3))]).toEqual([0x0201])
  expect(() => stage.end()).toThrow(
    expect.objectContaining({ code: 'upstream', source: 'host', retryable: true }),
  )
})
