import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Pieces } from '../../../src/hosts/audio/pieces.ts'
import { counting } from '../../fakes/samples.ts'

const taken = (pieces: Pieces, rate: number) => {
  const all = []
  for (let piece = pieces.take(rate); piece; piece = pieces.take(rate)) all.push(piece)
  return all
}

test('Pieces gives all of it, a tenth of a second at a time, without a copy', () => {
  const lengths = fc.tuple(fc.nat(9_000), fc.integer({ min: 8_000, max: 48_000 }))
  fc.assert(
    fc.property(lengths, ([length, rate]) => {
      const pieces = new Pieces()
      const samples = counting(length)
      pieces.put(samples)
      const parts = taken(pieces, rate)
      expect(parts.flatMap((part) => [...part])).toEqual([...samples])
      expect(parts.slice(0, -1).every((part) => part.length === Math.ceil(rate / 10))).toBe(true)
      expect(parts.every((part) => part.length > 0 && part.buffer === samples.buffer)).toBe(true)
    }),
    { numRuns: 100 },
  )
})

test('Pieces drops what was there for what is put', () => {
  const pieces = new Pieces()
  pieces.put(counting(5_000))
  pieces.take(24_000)
  pieces.put(counting(3, 7))
  expect(taken(pieces, 24_000)).toEqual([counting(3, 7)])
})
