import { describe, expect, test } from 'bun:test'
import { libopus } from '../../../src/pcm/formats/libopus.ts'
import { oggPage } from '../../../src/pcm/formats/ogg.ts'
import { opus } from '../../../src/pcm/formats/opus.ts'
import type { Bytes } from '../../../src/speech.ts'
import { needs } from '../../fakes/needs.ts'
import { run } from '../decode.ts'
import { encoded, tone } from '../sound.ts'

interface Page {
  readonly flags: number
  readonly granule: number
  readonly sequence: number
  readonly body: Bytes
}

/** Reads pages as RFC 3533 has them. */
function pagesOf(bytes: Bytes): Page[] {
  const pages: Page[] = []
  for (let at = 0; at < bytes.length; ) {
    const fields = new DataView(bytes.buffer, at)
    expect(new TextDecoder().decode(bytes.subarray(at, at + 4))).toBe('OggS')
    const segments = fields.getUint8(26)
    const size = bytes.subarray(at + 27, at + 27 + segments).reduce((sum, length) => sum + length, 0)
    const start = at + 27 + segments
    pages.push({
      flags: fields.getUint8(5),
      granule: Number(fields.getBigUint64(6, true)),
      sequence: fields.getUint32(18, true),
      body: bytes.slice(start, start + size),
    })
    at = start + size
  }
  return pages
}

describe('opus()', () => {
  test.each([8000, 24_000, 48_000])('is a head, tags, and a page every 20 ms (at %d)', async (rate) => {
    const bytes = encoded(await opus({ rate }), tone({ hz: 300, rate, seconds: 0.5 }))
    const [head, tags, ...audio] = pagesOf(bytes)
    expect(new TextDecoder().decode(head!.body.subarray(0, 8))).toBe('OpusHead')
    expect(new TextDecoder().decode(tags!.body.subarray(0, 8))).toBe('OpusTags')
    const fields = new DataView(head!.body.buffer)
    const preSkip = fields.getUint16(10, true)
    expect([fields.getUint8(8), fields.getUint8(9), fields.getUint32(12, true)]).toEqual([1, 1, rate])
    expect(preSkip).toBe(312) // libopus looks 6.5 ms ahead
    expect(audio.map(({ sequence }) => sequence)).toEqual(audio.map((_, i) => i + 2))
    expect(audio.map(({ granule }) => granule)).toEqual([
      ...audio.slice(1).map((_, i) => (i + 1) * 960),
      24_000 + preSkip,
    ])
    expect([head!, tags!, ...audio].map(({ flags }) => flags)).toEqual([
      2,
      0,
      ...audio.slice(1).map(() => 0),
      4,
    ])
  })

  test('gives a page as soon as its 20 ms are in', async () => {
    using encoding = await opus({ rate: 24_000 })
    expect(pagesOf(encoding.push(new Int16Array(0))).length).toBe(2)
    expect(encoding.push(new Int16Array(479)).length).toBe(0)
    expect(pagesOf(encoding.push(new Int16Array(1))).length).toBe(1)
    expect(pagesOf(encoding.push(new Int16Array(960))).length).toBe(2)
  })

  test.skipIf(!needs('ffmpeg'))('has checksums that ffmpeg believes (needs ffmpeg)', async () => {
    const bytes = encoded(await opus({ rate: 24_000 }), tone({ hz: 300, rate: 24_000, seconds: 0.5 }))
    const strict = ['-v', 'error', '-err_detect', 'crccheck+explode', '-i', '-', '-f', 's16le', '-']
    expect(run('ffmpeg', strict, bytes).length).toBe(2 * 24_000)
  })
})

describe('libopus()', () => {
  test('has its memory back when a reply ends or is broken off', async () => {
    const lib = await libopus()
    const next = () => {
      const encoder = lib.create({ rate: 24_000, bitrate: 32_000, complexity: 5 })
      lib.free(encoder)
      return encoder
    }
    const before = next()
    ;(await opus({ rate: 24_000 })).end()
    ;(await opus({ rate: 24_000 }))[Symbol.dispose]()
    expect(next()).toBe(before)
  })

  test('says what libopus refuses', async () => {
    const lib = await libopus()
    expect(() => lib.create({ rate: 22_050, bitrate: 32_000, complexity: 5 })).toThrow(
      'libopus gave error -1',
    )
  })
})

describe('oggPage()', () => {
  test.each([0, 1, 254, 255, 256, 510, 1000])(
    'holds a packet of %d bytes and says where it ends',
    (length) => {
      const packet = new Uint8Array(length).fill(7)
      const page = oggPage(packet, { granule: 960, sequence: 3, isLast: true })
      expect(pagesOf(page)).toEqual([{ flags: 4, granule: 960, sequence: 3, body: packet }])
      expect(page[26 + page[26]!]).toBe(length % 255)
    },
  )

  test('has the checksum of RFC 3533', () => {
    // By bits, as the RFC describes it: polynomial 0x04c11db7, start 0, the field itself taken as 0.
    const page = oggPage(new TextEncoder().encode('sotto'), { granule: 1, sequence: 0 })
    const stored = new DataView(page.buffer).getUint32(22, true)
    page.fill(0, 22, 26)
    let value = 0
    for (const byte of page) {
      for (let bit = 7; bit >= 0; bit--) {
        const carry = (value >>> 31) ^ ((byte >> bit) & 1)
        value = ((value << 1) ^ (carry ? 0x04c11db7 : 0)) >>> 0
      }
    }
    expect(stored).toBe(value)
  })

  test('refuses a packet that one page cannot hold', () => {
    expect(() => oggPage(new Uint8Array(65_025), { granule: 0, sequence: 0 })).toThrow(
      'Cannot fill Ogg page: packet must be under 65025 bytes, current value is 65025',
    )
  })
})
