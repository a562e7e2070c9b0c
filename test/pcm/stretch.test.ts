import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { stretch } from '../../src/pcm/stretch.ts'
import { hertz, joined, largestStep, root, through, tone, vowel } from './sound.ts'

const SPEEDS = [0.25, 0.5, 0.8, 0.97, 1.1, 1.5, 2, 4]

describe('stretch()', () => {
  test.each(SPEEDS)('changes the length exactly and the pitch not at all (speed %d)', (speed) => {
    for (const rate of [8000, 24_000]) {
      const out = through(stretch({ rate, speed }), tone({ hz: 180, rate, seconds: 3 }))
      expect(out.length).toBe(Math.round((3 * rate) / speed))
      expect(Math.abs(hertz(out, rate) / 180 - 1)).toBeLessThan(0.01)
    }
  })

  test.each(SPEEDS)('adds no click to a voice, and takes no loudness from it (speed %d)', (speed) => {
    for (const hz of [85, 210, 330]) {
      const voice = vowel({ hz, rate: 24_000, seconds: 1.5 })
      const out = through(stretch({ rate: 24_000, speed }), voice)
      expect(largestStep(out)).toBeLessThanOrEqual(largestStep(voice) * 1.05)
      expect(root(out) / root(voice)).toBeGreaterThan(0.9)
      expect(root(out) / root(voice)).toBeLessThan(1.1)
    }
  })

  test.each([0.5, 2])('keeps what happens in its order and at its time (speed %d)', (speed) => {
    const rate = 24_000
    const quiet = new Int16Array(rate / 2)
    const out = through(stretch({ rate, speed }), joined(quiet, tone({ hz: 300, rate, seconds: 0.5 }), quiet))
    const loud = [...out.keys()].filter((i) => Math.abs(out[i]!) > 2000)
    expect(Math.abs(loud[0]! / rate - 0.5 / speed)).toBeLessThan(0.03)
    expect(Math.abs(loud.at(-1)! / rate - 1 / speed)).toBeLessThan(0.03)
  })

  test('ends with the last of what came in', () => {
    const [quiet, last] = [500, 20_000].map((peak) => tone({ hz: 400, rate: 24_000, seconds: 0.5, peak }))
    for (const speed of SPEEDS) {
      const out = through(stretch({ rate: 24_000, speed }), joined(quiet!, last!.subarray(0, 288)))
      expect(Math.max(...out.subarray(-240))).toBeGreaterThan(10_000)
    }
  })

  test('gives the same however the samples come', () => {
    const voice = vowel({ hz: 140, rate: 16_000, seconds: 0.4 })
    const sizes = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(
        fc.double({ min: 0.25, max: 4, noNaN: true }),
        sizes,
        fc.nat(6400),
        (speed, sizes, length) => {
          const samples = voice.slice(0, length)
          const out = through(stretch({ rate: 16_000, speed }), samples, [...sizes, 1])
          expect(out).toEqual(through(stretch({ rate: 16_000, speed }), samples, [length + 1]))
          expect(out.length).toBe(Math.round(length / speed))
        },
      ),
      { numRuns: 30 },
    )
  })

  test('gives as it goes, not at the end', () => {
    const slow = stretch({ rate: 24_000, speed: 0.8 })
    expect(slow.push(tone({ hz: 200, rate: 24_000, seconds: 0.06 })).length).toBeGreaterThan(0)
  })

  test('never goes past full scale', () => {
    const square = Int16Array.from({ length: 9600 }, (_, i) => (Math.floor(i / 60) % 2 ? -32_768 : 32_767))
    const out = through(stretch({ rate: 24_000, speed: 1.3 }), square)
    expect(largestStep(out)).toBe(65_535)
    expect(hertz(out, 24_000)).toBeCloseTo(200, -1)
  })

  test('passes samples as they are at speed 1', () => {
    const samples = Int16Array.of(1, -2, 3)
    expect(stretch({ rate: 24_000, speed: 1 }).push(samples)).toBe(samples)
  })

  test.each([0, 0.24, 4.01, Number.NaN])('refuses speed %d', (speed) => {
    expect(() => stretch({ rate: 24_000, speed })).toThrow(
      `Cannot stretch: speed must be from 0.25 to 4, current value is ${speed}`,
    )
  })
})
