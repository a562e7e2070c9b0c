import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mp3 } from '../../../src/pcm/formats/mp3.ts'
import { infoFrame, MP3_RATES, mp3Bitrate, wholeMp3Head } from '../../../src/pcm/formats/mp3-info.ts'
import { needs } from '../../fakes/needs.ts'
import { ffmpeg, run } from '../decode.ts'
import { encoded, tone } from '../sound.ts'

const folder = mkdtempSync(join(tmpdir(), 'sotto-mp3-'))
afterAll(() => rmSync(folder, { recursive: true }))

const text = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes)

describe('mp3()', () => {
  test.each(MP3_RATES)('begins with a frame whose header is that of all others, at %d', async (rate) => {
    const bytes = encoded(await mp3({ rate }), tone({ hz: 300, rate, seconds: 0.3 }))
    const info = infoFrame(rate)
    expect(bytes.slice(0, info.length)).toEqual(info)
    // Version, layer, bitrate and rate are the same; the padding bit and the originality flag may differ.
    const next = bytes.slice(info.length, info.length + 4)
    expect([next[0], next[1], next[2]! & ~2]).toEqual([info[0], info[1], info[2]!])
    expect(next[3]! & 0xc0).toBe(0xc0) // mono
  })

  test.skipIf(!needs('ffmpeg'))(
    "tells players to skip the encoder's silence: sound starts at once (needs ffmpeg)",
    async () => {
      const rate = 24_000
      const bytes = encoded(await mp3({ rate }), tone({ hz: 300, rate, seconds: 0.5 }))
      const heard = ffmpeg(bytes, { format: 'mp3', rate })
      expect(heard.findIndex((sample) => sample > 5000)).toBeLessThan(10)
      const bare = ffmpeg(bytes.slice(infoFrame(rate).length), { format: 'mp3', rate })
      expect(bare.findIndex((sample) => sample > 5000)).toBeGreaterThan(1100)
    },
  )

  test('gives its first frames after 40 ms', async () => {
    using encoding = await mp3({ rate: 24_000 })
    expect(encoding.push(tone({ hz: 300, rate: 24_000, seconds: 0.02 })).length).toBe(0)
    const first = encoding.push(tone({ hz: 300, rate: 24_000, seconds: 0.02 }))
    expect(first.length).toBeGreaterThan(infoFrame(24_000).length)
  })

  test('takes nothing and gives nothing when it is done', async () => {
    const encoding = await mp3({ rate: 24_000 })
    expect(encoding.end().length).toBeGreaterThan(0)
    expect(encoding.end().length).toBe(0)
    expect(encoding.push(new Int16Array(4800)).length).toBe(0)
  })
})

describe('infoFrame()', () => {
  test.each(MP3_RATES)('is one whole frame with no count of frames, at %d', (rate) => {
    const frame = infoFrame(rate)
    const perFrame = rate > 24_000 ? 1152 : 576
    expect(frame.length).toBe(Math.floor((perFrame / 8) * ((mp3Bitrate(rate) * 1000) / rate)))
    const at = text(frame).indexOf('Info')
    const fields = new DataView(frame.buffer, at)
    expect([fields.getUint32(4), fields.getUint32(8)]).toEqual([2, 0xffffffff])
    expect(text(frame.subarray(at + 12, at + 16))).toBe('LAME')
    expect(fields.getUint16(12 + 21) >> 4).toBe(576)
  })
})

test.skipIf(!needs('ffmpeg')).each(MP3_RATES)(
  'wholeMp3Head has a finished sound decoded to the very samples that went in, at %d (needs ffmpeg)',
  async (rate) => {
    for (const seconds of [0.2, 0.59, 2.194]) {
      const sound = tone({ hz: 300, rate, seconds })
      const bytes = encoded(await mp3({ rate }), sound)
      const length = { rate, samples: sound.length, bytes: bytes.length }
      bytes.set(wholeMp3Head.of(bytes.slice(0, wholeMp3Head.size), length))
      const path = join(folder, 'whole.mp3')
      writeFileSync(path, bytes) // of a pipe ffmpeg does not know the end
      const heard = run('ffmpeg', ['-v', 'error', '-i', path, '-f', 's16le', '-'], new Uint8Array(0))
      expect(heard.length / 2).toBe(sound.length)
    }
  },
)
