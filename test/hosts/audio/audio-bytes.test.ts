import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { SpeechError } from '../../../src/errors.ts'
import { AudioBytes, type AudioBytesOptions } from '../../../src/hosts/audio/audio-bytes.ts'
import { joinBytes } from '../../../src/pcm/join-bytes.ts'
import type { Bytes, Samples } from '../../../src/speech.ts'
import { bytesOf } from '../../fakes/cosyvoice-voice.ts'
import { failureOf as thrownBy } from '../failure-of.ts'
import { chunked, cuts } from './chunked.ts'

const OPEN = 0xffffffff
const SAMPLES = Int16Array.of(0, 1, -1, 32_767, -32_768, 258, 0x4952, 7)

const ascii = (text: string): Bytes => new TextEncoder().encode(text)
const u32 = (value: number): Bytes => new Uint8Array(Uint32Array.of(value).buffer)
const u16 = (value: number): Bytes => new Uint8Array(Uint16Array.of(value).buffer)
const chunk = (name: string, content: Bytes, size = content.length): Bytes =>
  joinBytes([ascii(name), u32(size), content, new Uint8Array(content.length % 2)])

interface Format {
  kind?: number
  channels?: number
  rate?: number
  bits?: number
  extra?: Bytes
}

const fmt = ({
  kind = 1,
  channels = 1,
  rate = 24_000,
  bits = 16,
  extra = new Uint8Array(0),
}: Format = {}) => {
  const frame = (channels * bits) / 8
  return chunk(
    'fmt ',
    joinBytes([u16(kind), u16(channels), u32(rate), u32(rate * frame), u16(frame), u16(bits), extra]),
  )
}
const wav = (parts: readonly Bytes[], size = OPEN): Bytes =>
  joinBytes([ascii('RIFF'), u32(size), ascii('WAVE'), ...parts])
const data = (bytes: Bytes, size = bytes.length): Bytes => chunk('data', bytes, size)
const simple = (samples: Samples = SAMPLES, size?: number): Bytes =>
  wav([fmt(), data(bytesOf(samples), size)])

const read = (chunks: readonly Bytes[], options: Partial<AudioBytesOptions> = {}) => {
  const reader = new AudioBytes({ claim: '', rate: 16_000, ...options })
  const samples = [...chunks.flatMap((part) => [...reader.push(part)]), ...reader.end()]
  return { samples, rate: reader.rate }
}
const samplesOf = (bytes: Bytes, options?: Partial<AudioBytesOptions>) => read([bytes], options).samples

const failureOf = (bytes: Bytes, options?: Partial<AudioBytesOptions>) =>
  thrownBy(() => read([bytes], options))

describe('AudioBytes', () => {
  test('reads a WAV, whatever the reply calls it, and its rate', () => {
    for (const claim of [
      '',
      'audio/wav',
      'audio/x-wav',
      'audio/pcm',
      'application/octet-stream',
      'audio/mpeg',
    ]) {
      expect(read([simple()], { claim })).toEqual({ samples: [...SAMPLES], rate: 24_000 })
    }
  })

  test('reads samples without a header at the rate that it was told', () => {
    for (const claim of ['', 'audio/pcm', 'audio/l16', 'application/octet-stream']) {
      expect(read([bytesOf(SAMPLES)], { claim })).toEqual({ samples: [...SAMPLES], rate: 16_000 })
    }
    expect(samplesOf(bytesOf(SAMPLES.slice(0, 1)))).toEqual([0])
  })

  test('takes quiet for samples, though nothing says so', () => {
    const quiet = Int16Array.of(-1, -2, -500, -1_000, 0, 1, 2)
    for (let from = 0; from < quiet.length; from++) {
      expect(samplesOf(bytesOf(quiet.slice(from)))).toEqual([...quiet.slice(from)])
    }
  })

  test.each([OPEN, 0x7fffffff, 0, 0xffffffff - 36])('reads on to the end when the size is %i', (size) => {
    expect(samplesOf(simple(SAMPLES, size))).toEqual([...SAMPLES])
  })

  test('passes over chunks before and behind the data, of odd lengths too', () => {
    const list = chunk('LIST', ascii('INFOISFT\x05\0\0\0Lavf\0'))
    const odd = chunk('junk', ascii('abc'))
    const file = wav([
      odd,
      list,
      fmt({ extra: u16(0) }),
      list,
      data(bytesOf(SAMPLES)),
      list,
      chunk('id3 ', ascii('xyz')),
    ])
    expect(samplesOf(file)).toEqual([...SAMPLES])
    expect(samplesOf(joinBytes([simple(), new Uint8Array(78)]))).toEqual([...SAMPLES])
  })

  test('reads several files in a row as one', () => {
    const twice = [...SAMPLES, ...SAMPLES]
    expect(samplesOf(joinBytes([simple(), simple()]))).toEqual(twice)
    expect(samplesOf(joinBytes([simple(SAMPLES, OPEN), simple(SAMPLES, OPEN)]))).toEqual(twice)
    expect(samplesOf(joinBytes([bytesOf(SAMPLES), simple()]), { rate: 24_000, claim: 'audio/pcm' })).toEqual(
      twice,
    )
  })

  test.each([
    [{ bits: 8 }, Uint8Array.of(0, 128, 255), [-32_768, 0, 32_512]],
    [{ bits: 24 }, Uint8Array.of(0xff, 0x34, 0x12, 0, 0, 0x80), [0x1235, -32_768]],
    [{ bits: 32 }, new Uint8Array(Int32Array.of(65_536, -2_147_483_648).buffer), [1, -32_768]],
    [
      { kind: 3, bits: 32 },
      new Uint8Array(Float32Array.of(0.5, 2, -2, Number.NaN).buffer),
      [16_384, 32_767, -32_768, 0],
    ],
    [{ kind: 3, bits: 64 }, new Uint8Array(Float64Array.of(-0.5).buffer), [-16_384]],
    [{ channels: 2 }, bytesOf(Int16Array.of(100, 300, -1, -3)), [200, -2]],
    [
      { kind: 0xfffe, bits: 32, extra: joinBytes([u16(22), u16(32), u32(4), u16(3), new Uint8Array(14)]) },
      new Uint8Array(Float32Array.of(0.25).buffer),
      [8_192],
    ],
  ])('reads %o as 16-bit mono', (format, bytes, expected) => {
    expect(samplesOf(wav([fmt(format), data(bytes)]))).toEqual(expected)
  })

  test('mixes raw samples of two channels', () => {
    expect(samplesOf(bytesOf(Int16Array.of(10, 20, 30, 50)), { channels: 2 })).toEqual([15, 40])
  })

  test('gives the same wherever the bytes are cut', () => {
    const list = chunk('LIST', ascii('INFOx'))
    const files = [
      bytesOf(SAMPLES),
      simple(),
      simple(SAMPLES, OPEN),
      wav([list, fmt({ channels: 2 }), list, data(bytesOf(SAMPLES)), list]),
      wav([fmt({ bits: 24 }), data(new Uint8Array(30), OPEN)]),
      joinBytes([simple(SAMPLES, OPEN), simple(), list]),
    ]
    const file = fc.constantFrom(...files)
    fc.assert(
      fc.property(file, cuts, (bytes, sizes) => {
        expect(read(chunked(bytes, sizes))).toEqual(read([bytes]))
      }),
      { numRuns: 1_000 },
    )
  })

  test('gives samples as they come, before the end', () => {
    const reader = new AudioBytes({ claim: 'audio/wav', rate: 1 })
    const [head, rest] = [simple(SAMPLES, OPEN).slice(0, 48), simple(SAMPLES, OPEN).slice(48)]
    expect([...reader.push(head)]).toEqual([0, 1])
    expect([...reader.push(rest.slice(0, 3))]).toEqual([-1])
  })

  test('keeps no chunk whose samples it has given, be half a sample left of it', async () => {
    const chunks: WeakRef<ArrayBuffer>[] = []
    const give = (reader: AudioBytes, length: number) => {
      const bytes = new Uint8Array(length)
      chunks.push(new WeakRef(bytes.buffer))
      reader.push(bytes)
    }
    const readers = Array.from({ length: 20 }, () => new AudioBytes({ claim: 'audio/pcm', rate: 24_000 }))
    for (const [i, reader] of readers.entries()) give(reader, 4_800 + (i % 2))
    await new Promise((resolve) => setTimeout(resolve, 1))
    Bun.gc(true)
    expect(chunks.filter((chunk) => chunk.deref()).length).toBeLessThan(5) // the stack is searched by guesses
    expect(readers.flatMap((reader, i) => [...reader.push(new Uint8Array(i % 2))])).toHaveLength(10)
  })

  test('any samples are read as they are, though they spell a part of a header', () => {
    fc.assert(
      fc.property(fc.int16Array({ minLength: 6, maxLength: 60 }), cuts, (samples, sizes) => {
        const bytes = joinBytes([bytesOf(samples.slice()), ascii('RIFF----WAV_RI')])
        expect(read(chunked(bytes, sizes), { claim: 'audio/pcm' }).samples).toEqual([
          ...new Int16Array(bytes.slice().buffer),
        ])
      }),
      { numRuns: 300 },
    )
  })

  test('says that audio is cut, which may be asked for again', () => {
    const whole = simple()
    const cut = [
      whole.slice(0, 6),
      whole.slice(0, 20),
      whole.slice(0, 40),
      whole.slice(0, 44),
      whole.slice(0, -2),
      simple(SAMPLES, OPEN).slice(0, -1),
      bytesOf(SAMPLES).slice(0, -1),
      wav([fmt(), chunk('LIST', ascii('abcd')).slice(0, 10)]),
    ]
    for (const bytes of cut) {
      expect(failureOf(bytes)).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
    }
  })

  test.each([
    ['MP3', Uint8Array.of(0xff, 0xfb, 0x90, 0x64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 'MP3'],
    ['MP3 with a title', ascii('ID3\x04\0\0\0\0\0\0\0\0\0\0'), 'MP3'],
    ['AAC', Uint8Array.of(0xff, 0xf1, 0x50, 0x80, 0, 0, 0, 0, 0, 0, 0, 0), 'AAC'],
    ['Opus', ascii('OggS\0\x02\0\0\0\0\0\0\0\0'), 'Ogg'],
    ['FLAC', ascii('fLaC\0\0\0\x22\0\0\0\0\0\0'), 'FLAC'],
    ['a page', ascii('<!DOCTYPE html><html>'), 'a page'],
    ['an error', ascii('{"error": "no such voice"}'), 'JSON'],
  ])('refuses %s by name, and says which format to ask for', (_, bytes, name) => {
    const error = failureOf(bytes)
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: false })
    expect(error.message).toMatch(new RegExp(`sent ${name}.*make it answer with wav or pcm`))
  })

  test('refuses what calls itself something else, when its bytes do not tell', () => {
    const bytes = bytesOf(SAMPLES)
    expect(failureOf(bytes, { claim: 'audio/mpeg' }).message).toContain('sent audio/mpeg')
    expect(failureOf(bytes, { claim: 'audio/wav' }).message).toContain('says audio/wav and sends no WAV')
  })

  test.each([
    ['a RIFF that is no WAV', joinBytes([ascii('RIFF'), u32(4), ascii('AVI '), new Uint8Array(9)]), 'no WAV'],
    ['data before a format', wav([data(bytesOf(SAMPLES))]), 'without a format'],
    ['a format too long', wav([chunk('fmt ', new Uint8Array(2_000))]), 'without data'],
    ['a format too short', wav([chunk('fmt ', new Uint8Array(14)), data(bytesOf(SAMPLES))]), 'format is cut'],
    ['a-law', wav([fmt({ kind: 6, bits: 8 }), data(bytesOf(SAMPLES))]), 'format 6 with 8 bits'],
    ['no channels', wav([fmt({ channels: 0 }), data(bytesOf(SAMPLES))]), '0 channels'],
    ['no rate', wav([fmt({ rate: 0 }), data(bytesOf(SAMPLES))]), 'at 0 Hz'],
    [
      'another rate halfway',
      joinBytes([simple(), wav([fmt({ rate: 16_000 }), data(bytesOf(SAMPLES))])]),
      'changed from 24000 Hz to 16000',
    ],
    ['audio behind its own end', joinBytes([simple(), new Uint8Array(20_000)]), 'audio behind its data'],
  ])('refuses %s', (_, bytes, message) => {
    const error = failureOf(bytes)
    expect(error.message).toContain(message)
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: false })
  })

  test('whatever comes, it gives samples or a SpeechError', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(
        simple(),
        simple().slice(0, 36),
        ascii('RIFF'),
        ascii('WAVEfmt '),
        ascii('data'),
        fmt(),
      ),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), cuts, (parts, sizes) => {
        try {
          read(chunked(joinBytes(parts.map((bytes) => bytes.slice())), sizes))
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SpeechError)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})
