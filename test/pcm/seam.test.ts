import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { resample } from '../../src/pcm/resample.ts'
import { seam, silence } from '../../src/pcm/seam.ts'
import type { Samples } from '../../src/speech.ts'
import { joined, largestStep, root, through, tone } from './sound.ts'

const rate = 24_000
const quiet = (ms: number): Samples => silence({ rate, ms })
const loud = (ms: number, peak = 20_000): Samples => tone({ hz: 200, rate, seconds: ms / 1000, peak })
const msOf = (samples: Samples): number => (samples.length / rate) * 1000

describe('seam()', () => {
  test('cuts silence at the edges to 10 ms before and 20 ms after', () => {
    const out = through(seam({ rate }), joined(quiet(400), loud(300), quiet(700)))
    expect(msOf(out)).toBe(330)
  })

  test('keeps every sample of a pause within, however long', () => {
    for (const pause of [30, 500, 9000]) {
      const out = through(seam({ rate }), joined(quiet(100), loud(100), quiet(pause), loud(100), quiet(100)))
      expect(msOf(out)).toBe(10 + 100 + pause + 100 + 20)
    }
  })

  test('fades from and to zero, and leaves the middle as it was', () => {
    for (const trim of [true, false]) {
      const whole = new Int16Array(4800).fill(15_000)
      const out = through(seam({ rate, trim }), whole)
      expect(out.length).toBe(whole.length)
      expect([out[0], out.at(-1)]).toEqual([0, 0])
      expect(out.slice(120, -120)).toEqual(whole.slice(120, -120))
      expect([...out.subarray(0, 120)]).toEqual([...out.subarray(0, 120)].sort((a, b) => a - b))
      expect([...out.subarray(-120)]).toEqual([...out.subarray(0, 120)].reverse())
    }
  })

  test('joins clauses without a step that is not their own', () => {
    const cut = loud(200).subarray(37, -23) // begins and ends far from zero
    const said = () => through(seam({ rate }), cut)
    expect(largestStep(joined(cut, quiet(120), cut))).toBeGreaterThan(largestStep(cut))
    expect(largestStep(joined(said(), quiet(120), said(), said()))).toBeLessThanOrEqual(largestStep(cut))
  })

  test('keeps a soft consonant at the edges', () => {
    const noise = (ms: number) => Int16Array.from({ length: ms * 24 }, (_, i) => 300 * Math.sin(i * i * 0.37)) // about -44 dBFS
    const out = through(seam({ rate }), joined(quiet(200), noise(80), loud(100), noise(80), quiet(200)))
    expect(msOf(out)).toBe(10 + 80 + 100 + 80 + 20)
  })

  test('takes a low noise for silence', () => {
    const noise = Int16Array.from({ length: 9600 }, (_, i) => 20 * Math.sin(i * i * 0.37))
    expect(msOf(through(seam({ rate }), joined(noise, loud(100), noise)))).toBe(130)
  })

  test('gives nothing for a silent clause, and all of it when told not to trim', () => {
    expect(through(seam({ rate }), quiet(500)).length).toBe(0)
    expect(through(seam({ rate, trim: false }), quiet(500)).length).toBe(12_000)
    expect(seam({ rate }).end().length).toBe(0)
    expect(through(seam({ rate }), Int16Array.of(9000)).length).toBe(1)
  })

  test('holds back no more than the fade of what is sure to be heard', () => {
    const stage = seam({ rate })
    expect(stage.push(loud(100)).length).toBe(2400 - 120)
    expect(stage.push(quiet(100)).length).toBe(20 * 24)
  })

  test.each([1_000, 3_000, 10_000])('cuts %i ms of quiet at the end, and keeps as much within', (ms) => {
    for (const size of [2_400, 777, 1e9]) {
      const parts = [loud(100), quiet(ms)]
      expect(through(seam({ rate }), joined(...parts), [size]).length).toBe((100 + 20) * 24)
      const more = through(seam({ rate }), joined(...parts, loud(100)), [size])
      expect(more.length).toBe((100 + ms + 100) * 24)
      expect(more.subarray(-100 * 24, -240)).toEqual(loud(100).subarray(0, -240))
    }
  })

  test('leaves the samples that it is given alone', () => {
    const samples = loud(50)
    const before = samples.slice()
    through(seam({ rate }), samples, [samples.length])
    expect(samples).toEqual(before)
  })

  test('gives the same however the samples come', () => {
    const part = fc.tuple(fc.nat(60), fc.constantFrom(0, 30, 120, 20_000))
    const sizes = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        sizes,
        fc.boolean(),
        fc.constantFrom(0, 1, 5, 30),
        (parts, sizes, trim, fadeMs) => {
          const samples = joined(...parts.map(([ms, peak]) => loud(ms, peak)))
          const out = through(seam({ rate, trim, fadeMs }), samples, [...sizes, 1])
          expect(out).toEqual(through(seam({ rate, trim, fadeMs }), samples, [samples.length + 1]))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('refuses a fade that is no length', () => {
    expect(() => seam({ rate, fadeMs: -1 })).toThrow('Cannot fade: fadeMs must be from 0 to 1000')
  })

  test('does not fade when the fade is 0', () => {
    expect(through(seam({ rate, fadeMs: 0 }), new Int16Array(480).fill(900))).toEqual(
      new Int16Array(480).fill(900),
    )
  })
})

describe('silence()', () => {
  test('is exact to a sample, also behind a resampler', () => {
    expect(silence({ rate: 22_050, ms: 333 }).length).toBe(Math.round(22.05 * 333))
    const paused = joined(tone({ hz: 200, rate: 22_050, seconds: 0.1 }), silence({ rate: 22_050, ms: 200 }))
    const out = through(resample({ from: 22_050, to: 24_000 }), paused)
    expect(out.length).toBe(0.3 * 24_000)
    expect(root(out.subarray(0.102 * 24_000))).toBeLessThan(200)
  })
})
