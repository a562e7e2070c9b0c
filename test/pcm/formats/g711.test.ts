import { describe, expect, test } from 'bun:test'
import { alaw, mulaw } from '../../../src/pcm/formats/g711.ts'
import { needs } from '../../fakes/needs.ts'
import { ffmpeg, sox } from '../decode.ts'

const every = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768)
const codes = Uint8Array.from({ length: 256 }, (_, i) => i)

/** `ulaw_compress` and `alaw_compress` of ITU-T G.191, step by step as they stand there. */
const REFERENCE = {
  mulaw(sample: number): number {
    const size = Math.min(((sample < 0 ? ~sample : sample) >> 2) + 33, 0x1fff)
    let segment = 1
    for (let rest = size >> 6; rest !== 0; rest >>= 1) segment++
    const low = 0xf - ((size >> segment) & 0xf)
    return ((0x8 - segment) << 4) | low | (sample >= 0 ? 0x80 : 0)
  },
  alaw(sample: number): number {
    let size = sample < 0 ? ~sample >> 4 : sample >> 4
    if (size > 15) {
      let exponent = 1
      for (; size > 31; size >>= 1) exponent++
      size += (exponent << 4) - 16
    }
    return (size | (sample >= 0 ? 0x80 : 0)) ^ 0x55
  },
}

/** Steps between neighbouring levels, by G.711: eight segments, each twice as coarse as the one below. */
const stepAt = (level: number, bias: number) =>
  2 ** Math.max(3, Math.floor(Math.log2(Math.abs(level) + bias)) - 4)

describe.each([
  ['mulaw', mulaw, 'ul', 132],
  ['alaw', alaw, 'al', 0],
] as const)('%s()', (format, law, type, bias) => {
  const encode = (samples: Int16Array<ArrayBuffer>) => law({ rate: 8000 }).push(samples)

  test.skipIf(!needs('ffmpeg'))('is never off by more than half a step of G.711 (needs ffmpeg)', () => {
    const heard = ffmpeg(encode(every), { format, rate: 8000 })
    const loudest = Math.max(...heard)
    const worst = every.map((sample, i) => {
      const reached = Math.max(-loudest, Math.min(loudest, sample))
      return Math.abs(heard[i]! - reached) - stepAt(heard[i]!, bias) / (format === 'alaw' ? 1 : 2)
    })
    expect(Math.max(...worst)).toBeLessThanOrEqual(4) // a 16-bit sample has two bits more than G.711's 14
  })

  test.skipIf(!needs('ffmpeg'))(
    'gives back each of the 256 codes for what it stands for (needs ffmpeg)',
    () => {
      const levels = ffmpeg(codes, { format, rate: 8000 })
      const back = encode(levels)
      expect(ffmpeg(back, { format, rate: 8000 })).toEqual(levels)
      // µ-law has two zeros, and only one of them is a sample.
      expect([...back].filter((code, i) => code !== codes[i]).length).toBe(format === 'mulaw' ? 1 : 0)
    },
  )

  test.skipIf(!needs('sox'))('sounds the same in sox (needs sox)', () => {
    expect(sox(encode(every), type)).toEqual(ffmpeg(encode(every), { format, rate: 8000 }))
  })

  test('gives the byte of the reference algorithm for every sample', () => {
    expect(encode(every)).toEqual(Uint8Array.from(every, REFERENCE[format]))
  })
})
