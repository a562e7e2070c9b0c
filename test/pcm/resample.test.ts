import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { resample } from '../../src/pcm/resample.ts'
import type { Samples } from '../../src/speech.ts'
import { against, root, through, tone } from './sound.ts'

const RATES = [
  [22_050, 24_000],
  [24_000, 48_000],
  [24_000, 8000],
  [8000, 48_000],
  [44_100, 16_000],
  [24_000, 22_051], // too many phases for a table: read between rows
  [47_999, 8001],
] as const

describe('resample()', () => {
  test.each(RATES)('keeps a tone as it is, alone, in place and as loud (%d to %d)', (from, to) => {
    for (const share of [0.05, 0.5, 0.86]) {
      const hz = (share * Math.min(from, to)) / 2
      const out = through(resample({ from, to }), tone({ hz, rate: from, seconds: 0.5 }))
      const { peak, phase, restDb } = against(out, { hz, rate: to })
      expect(Math.abs(20 * Math.log10(peak / 20_000))).toBeLessThan(0.1)
      expect(Math.abs(phase)).toBeLessThan(0.01)
      expect(restDb).toBeLessThan(-75) // what rounding to 16 bits leaves is at -92
    }
  })

  test.each([
    [24_000, 8000],
    [48_000, 44_100],
    [44_100, 16_001],
    [48_000, 8000],
  ])('lets nothing from above the new Nyquist frequency through (%d to %d)', (from, to) => {
    for (const share of [1.001, 1.02, 1.05, 1.2, 1.6, 2.3, 3.7]) {
      const hz = (share * to) / 2
      if (hz >= from / 2) continue
      const out = through(resample({ from, to }), tone({ hz, rate: from, seconds: 0.5, peak: 32_000 }))
      const edge = Math.round(out.length / 5)
      const db = 20 * Math.log10(root(out.subarray(edge, -edge)) / (32_000 / Math.SQRT2))
      expect(db).toBeLessThan(-70)
    }
  })

  test('keeps a constant constant', () => {
    const out = through(resample({ from: 22_050, to: 24_000 }), new Int16Array(4000).fill(12_345))
    expect([...new Set(out.subarray(200, -200))]).toEqual([12_345])
  })

  test('clamps what goes past full scale and never wraps around', () => {
    const square = Int16Array.from({ length: 4800 }, (_, i) => (Math.floor(i / 60) % 2 ? -32_768 : 32_767))
    const out = through(resample({ from: 24_000, to: 48_000 }), square)
    expect(Math.max(...out)).toBe(32_767)
    expect(Math.min(...out)).toBe(-32_768)
    const flipped = out.filter((sample, i) => {
      const inHalf = (i / 2) % 60
      return inHalf > 5 && inHalf < 54 && Math.sign(sample) !== Math.sign(square[Math.floor(i / 2)]!)
    })
    expect(flipped.length).toBe(0)
  })

  test('gives exactly as many samples as the time is long, the same however they come', () => {
    const rate = fc.integer({ min: 8000, max: 48_000 })
    const sizes = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(rate, rate, fc.nat(3000), sizes, (from, to, length, sizes) => {
        const samples: Samples = Int16Array.from({ length }, (_, i) => (i * 7919) % 30_000)
        const out = through(resample({ from, to }), samples, [...sizes, 1])
        expect(out.length).toBe(Math.round((length * to) / from))
        expect(out).toEqual(through(resample({ from, to }), samples, [length + 1]))
      }),
      { numRuns: 25 },
    )
  })

  test('gives nothing for nothing and takes a single sample', () => {
    expect(resample({ from: 8000, to: 48_000 }).end().length).toBe(0)
    expect(through(resample({ from: 8000, to: 48_000 }), Int16Array.of(1000)).length).toBe(6)
    expect(through(resample({ from: 48_000, to: 8000 }), Int16Array.of(1000)).length).toBe(0)
  })

  test('passes samples as they are when the rates are the same', () => {
    const samples = Int16Array.of(1, -2, 3)
    const same = resample({ from: 24_000, to: 24_000 })
    expect(same.push(samples)).toBe(samples)
    expect(same.end().length).toBe(0)
  })

  test('refuses rates that it cannot do, and says which', () => {
    expect(() => resample({ from: 7999, to: 24_000 })).toThrow(
      'Cannot resample: rates must be integers from 8000 to 48000, current value is 7999',
    )
    expect(() => resample({ from: 24_000, to: 22_050.5 })).toThrow(RangeError)
  })
})
