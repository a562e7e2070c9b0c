import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { unwrap } from '../../../src/hosts/cosyvoice/unwrap.ts'
import type { Samples } from '../../../src/speech.ts'
import { clamped, voiceOf, wrapped } from '../../fakes/cosyvoice-voice.ts'

/** Sends samples through in chunks of `size`. */
const through = (samples: Samples, size = samples.length): Samples => {
  const stage = unwrap()
  const given: number[] = []
  for (let at = 0; at < samples.length; at += size) given.push(...stage.push(samples.slice(at, at + size)))
  return Int16Array.of(...given, ...stage.end())
}

const sine = (hertz: number, level: number, rate = 24_000): Float32Array =>
  Float32Array.from({ length: rate / 10 }, (_, i) => level * Math.sin((2 * Math.PI * hertz * i) / rate))

/** Two tones over one another, as voices are, that die away. */
const chord = (low: number, high: number, level: number): Float32Array => {
  const [a, b] = [sine(low, 0.7 * level), sine(high, 0.3 * level)]
  return a.map((value, i) => Math.min(1, (a.length - i) / 500) * (value + b[i]!))
}

describe('unwrap()', () => {
  test('repairs what passed full scale and came out at the other end, wherever the chunks are cut', () => {
    for (const samples of [
      voiceOf('Hello, you there.', { rate: 22_050, level: 1.3 }),
      chord(180, 2_900, 1.2),
    ]) {
      expect(wrapped(samples)).not.toEqual(clamped(samples))
      for (const size of [1, 7, 100, 100_000])
        expect(through(wrapped(samples), size)).toEqual(clamped(samples))
    }
  })

  test('repairs every voice-like sound up to 1.4 of full scale', () => {
    const sounds = fc.tuple(
      fc.integer({ min: 80, max: 400 }),
      fc.integer({ min: 400, max: 3_000 }),
      fc.double({ min: 1, max: 1.4, noNaN: true }),
    )
    fc.assert(
      fc.property(sounds, ([low, high, level]) => {
        const samples = chord(low, high, level)
        const longest = longestRunOver(samples)
        fc.pre(longest <= 36)
        expect(through(wrapped(samples), 999)).toEqual(clamped(samples))
      }),
      { numRuns: 100 },
    )
  })

  test('leaves honest sound as it is: full scale, clipped, loud and high', () => {
    const honest = [sine(200, 1), sine(6_000, 0.99), sine(200, 3), sine(3_000, 3), chord(150, 3_500, 2)].map(
      clamped,
    )
    for (const samples of honest) {
      expect(through(samples)).toEqual(samples)
      expect(through(samples, 13)).toEqual(samples)
    }
  })

  test('leaves a square wave of full scale as it is, at any pitch', () => {
    for (const half of [2, 5, 36, 37, 500]) {
      const square = Int16Array.from({ length: 4 * half }, (_, i) =>
        Math.floor(i / half) % 2 ? -32_768 : 32_767,
      )
      expect(through(square)).toEqual(square)
    }
  })

  test('leaves a jump that does not return as it is, and forgets none of it', () => {
    const step = Int16Array.from({ length: 200 }, (_, i) => (i < 100 ? 30_000 : -30_000))
    expect(through(step, 7)).toEqual(step)
    const square = Int16Array.from({ length: 400 }, (_, i) => (Math.floor(i / 40) % 2 ? -30_000 : 30_000))
    expect(through(square, 7)).toEqual(square)
    const rough = Int16Array.of(30_000, -30_000, 0, -20_000, 30_000)
    expect(through(rough)).toEqual(rough)
    const last = Int16Array.of(0, 20_000, 32_000, -32_000)
    expect(through(last)).toEqual(last)
  })

  test('changes neither the count nor, below three quarters of full scale, anything', () => {
    fc.assert(
      fc.property(
        fc.int16Array({ min: -24_576, max: 24_576, maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        (samples, size) => {
          const chunk: Samples = new Int16Array(samples)
          expect(through(chunk, size)).toEqual(chunk)
        },
      ),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(fc.int16Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (samples, size) => {
        expect(through(new Int16Array(samples), size)).toHaveLength(samples.length)
      }),
      { numRuns: 300 },
    )
  })

  test('holds nothing back of what cannot be wrapped', () => {
    const stage = unwrap()
    const chunk = clamped(sine(200, 0.5))
    expect(stage.push(chunk)).toBe(chunk)
    expect(stage.push(new Int16Array(0))).toHaveLength(0)
  })
})

/** The most samples in a row that are past full scale. */
function longestRunOver(samples: Float32Array): number {
  let longest = 0
  let run = 0
  for (const sample of samples) {
    run = sample >= 1 || sample < -1 ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}
