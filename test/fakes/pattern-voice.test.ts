import { expect, test } from 'bun:test'
import { patternOf } from './pattern-voice.ts'

const rate = 24_000

test('patternOf() says a text the same each time, and no two alike from any place on', () => {
  const said = patternOf('Hello there.', { rate })
  expect(said).toEqual(patternOf('Hello there.', { rate }))
  const other = patternOf('Hello there!', { rate })
  const same = said.filter((sample, i) => sample === other[i]).length
  expect(same).toBeLessThan(said.length / 1_000)
  expect(new Set(said.subarray(0, 1_000)).size).toBeGreaterThan(900)
})

test('patternOf() speaks as loud and as long as it is told, and begins the same', () => {
  const long = patternOf('Hello there.', { rate, seconds: 2 })
  expect(long).toHaveLength(2 * rate)
  const said = patternOf('Hello there.', { rate })
  expect(long.subarray(0, said.length)).toEqual(said)
  expect(Math.max(...said)).toBeWithin(9_000, 9_831)
  expect(patternOf('Hello there.', { rate, level: 0 }).some(Boolean)).toBe(false)
})
