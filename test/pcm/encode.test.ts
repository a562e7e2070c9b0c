import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { allowsRate, encoder, FORMATS } from '../../src/pcm/encode.ts'
import type { Bytes, Format, Samples } from '../../src/speech.ts'
import { needs } from '../fakes/needs.ts'
import { ffmpeg, ffprobe } from './decode.ts'
import { against, encoded, hertz, pieces, tone, vowel } from './sound.ts'

const ALL = Object.keys(FORMATS) as Format[]
const defaults = ALL.map((format) => [format, FORMATS[format].defaultRate] as const)
const withHeader = new Set<Format>(['wav', 'mp3', 'opus', 'flac'])

const encode = async (format: Format, rate: number, samples: Samples, sizes?: readonly number[]) =>
  encoded(await encoder(format, { rate }), samples, sizes)

/** ffmpeg gives Opus at 48000 whatever went in. */
const heardAt = (format: Format, rate: number) => (format === 'opus' ? 48_000 : rate)

describe('encoder()', () => {
  test
    .skipIf(!needs('ffmpeg'))
    .each([
      ...defaults,
      ['pcm', 12_345],
      ['wav', 48_000],
      ['mp3', 8000],
      ['mp3', 22_050],
      ['mp3', 44_100],
      ['mp3', 48_000],
      ['opus', 8000],
      ['opus', 48_000],
      ['flac', 8000],
      ['flac', 33_333],
      ['flac', 48_000],
    ] as const)(
    'gives %s at %d that ffmpeg hears at its length, rate and pitch (needs ffmpeg)',
    async (format, rate) => {
      const samples = tone({ hz: 440, rate, seconds: rate < 12_000 ? 8.003 : 2.877 })
      const bytes = await encode(format, rate, samples)
      const heard = ffmpeg(bytes, { format, rate })
      const hearing = heardAt(format, rate)
      expect(Math.abs(heard.length / hearing / (samples.length / rate) - 1)).toBeLessThan(0.01)
      const edge = heard.length / 5
      expect(Math.abs(hertz(heard.subarray(edge, -edge), hearing) / 440 - 1)).toBeLessThan(0.002)
      const { peak, phase } = against(heard, { hz: 440, rate: hearing })
      expect(Math.abs(20 * Math.log10(peak / 20_000))).toBeLessThan(1)
      expect(Math.abs(phase)).toBeLessThan(0.4) // not shifted by more than 0.15 ms
      if (withHeader.has(format)) expect(ffprobe(bytes)).toMatchObject({ rate: hearing, channels: 1 })
    },
  )

  test.skipIf(!needs('ffmpeg')).each(['wav', 'flac', 'opus'] as const)(
    'gives %s that decodes to exactly the samples that went in, however many (needs ffmpeg)',
    async (format) => {
      for (const length of [1, 480, 4803]) {
        const samples = vowel({ hz: 150, rate: 24_000, seconds: 1 }).subarray(0, length)
        const heard = ffmpeg(await encode(format, 24_000, samples), { format, rate: 24_000 })
        expect(heard.length).toBe(format === 'opus' ? 2 * length : length)
        if (format !== 'opus') expect(heard).toEqual(samples.slice())
      }
    },
  )

  test.skipIf(!needs('ffmpeg')).each(['mp3', 'opus', 'mulaw', 'alaw'] as const)(
    'gives %s of the loudest sound that does not wrap around (needs ffmpeg)',
    async (format) => {
      const rate = FORMATS[format].defaultRate
      const square = Int16Array.from({ length: rate }, (_, i) =>
        Math.floor((i * 800) / rate) % 2 ? -32_768 : 32_767,
      )
      const heard = ffmpeg(await encode(format, rate, square), { format, rate })
      const { peak, phase } = against(heard, { hz: 400, rate: heardAt(format, rate) })
      expect(peak / ((32_767 * 4) / Math.PI)).toBeGreaterThan(0.8) // a square's first harmonic
      expect(Math.abs(phase)).toBeLessThan(0.5)
    },
  )

  test.skipIf(!needs('ffmpeg')).each(['mp3', 'opus', 'flac'] as const)(
    'gives %s that can be heard up to wherever it is cut off (needs ffmpeg)',
    async (format) => {
      const bytes = await encode(format, 24_000, vowel({ hz: 150, rate: 24_000, seconds: 4 }))
      for (const share of [0.13, 0.871]) {
        const heard = ffmpeg(bytes.slice(0, bytes.length * share), { format, rate: 24_000 })
        expect(Math.abs(heard.length / heardAt(format, 24_000) - 4 * share)).toBeLessThan(0.15)
      }
    },
  )

  test.each(defaults)('gives the same %s however the samples come (at %d)', async (format, rate) => {
    const voice = vowel({ hz: 150, rate, seconds: 0.3 })
    const whole = await encode(format, rate, voice, [voice.length])
    const sizes = fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(sizes, async (sizes) => {
        expect(await encode(format, rate, voice, [...sizes, 7])).toEqual(whole)
      }),
      { numRuns: 12 },
    )
  })

  test.each(defaults)('gives %s for nothing at all and for one sample (at %d)', async (format, rate) => {
    const empty = (await encoder(format, { rate })).end()
    expect(empty.length > 0).toBe(withHeader.has(format))
    expect((await encode(format, rate, Int16Array.of(1000))).length).toBeGreaterThan(0)
    const nothing = (await encoder(format, { rate })).push(new Int16Array(0))
    expect(nothing.length).toBeLessThan(200)
  })

  test.each(defaults)(
    'gives first bytes of %s by 70 ms of audio, the header with them (at %d)',
    async (format, rate) => {
      using encoding = await encoder(format, { rate })
      let ms = 0
      let first: Bytes = new Uint8Array(0)
      for (const piece of pieces(vowel({ hz: 150, rate, seconds: 1 }), [rate / 100])) {
        ms += 10
        const bytes = encoding.push(piece)
        // A header alone is not audio.
        if (bytes.length > 0 && first.length === 0) first = bytes
        else if (bytes.length > 0 || first.length > 200) break
      }
      expect(ms).toBeLessThanOrEqual(70)
      const magic = { wav: 'RIFF', opus: 'OggS', flac: 'fLaC' }[format as string]
      if (magic) expect(new TextDecoder().decode(first.subarray(0, 4))).toBe(magic)
    },
  )

  test.each(defaults)('takes about as many bytes for %s as it says (at %d)', async (format, rate) => {
    const { bytesPerSecond } = await encoder(format, { rate })
    const { length } = await encode(format, rate, vowel({ hz: 150, rate, seconds: 4 }))
    expect(length / 4 / bytesPerSecond).toBeGreaterThan(0.3)
    expect(length / 4 / bytesPerSecond).toBeLessThan(1.2)
  })

  test.each(defaults)('keeps a hundred replies in %s apart (at %d)', async (format, rate) => {
    const voices = Array.from({ length: 100 }, (_, i) => vowel({ hz: 100 + 2 * i, rate, seconds: 0.06 }))
    const encoders = await Promise.all(voices.map(() => encoder(format, { rate })))
    const parts = voices.map((voice, i) => [encoders[i]!.push(voice.subarray(0, 300))])
    for (const [i, encoding] of encoders.entries()) {
      parts[i]!.push(encoding.push(voices[i]!.subarray(300)), encoding.end())
      encoding[Symbol.dispose]()
    }
    for (const i of [1, 42, 99]) {
      expect(new Uint8Array(Buffer.concat(parts[i]!))).toEqual(await encode(format, rate, voices[i]!))
    }
  })

  test.each(defaults)(
    'leaves nothing of a reply in %s that broke off to the next (at %d)',
    async (format, rate) => {
      const voice = vowel({ hz: 150, rate, seconds: 0.2 })
      const clean = await encode(format, rate, voice)
      for (let i = 0; i < 3; i++) {
        const broken = await encoder(format, { rate })
        broken.push(vowel({ hz: 330, rate, seconds: 0.05 + i / 100 }))
        broken[Symbol.dispose]()
        broken[Symbol.dispose]()
        expect(await encode(format, rate, voice)).toEqual(clean)
      }
    },
  )

  test('names the rule and the value when a format cannot have a rate', async () => {
    const refused = (format: Format, rate: number) => encoder(format, { rate }).catch((thrown) => thrown)
    expect(await refused('opus', 22_050)).toBeInstanceOf(RangeError)
    expect((await refused('opus', 22_050)).message).toBe(
      'Cannot encode opus: rate must be one of 8000, 12000, 16000, 24000, 48000, current value is 22050',
    )
    expect((await refused('mulaw', 16_000)).message).toContain('rate must be only 8000')
    expect((await refused('wav', 7999)).message).toContain('rate must be any integer from 8000 to 48000')
    expect((await refused('pcm', 24_000.5)).message).toContain('current value is 24000.5')
  })
})

describe('allowsRate()', () => {
  test('allows each format its own rates and its default', () => {
    const rates = [8000, 11_025, 12_000, 12_345, 22_050, 24_000, 44_100, 48_000, 48_001, 0, Number.NaN]
    const allowed = (format: Format) => rates.filter((rate) => allowsRate(format, rate))
    for (const format of ['pcm', 'wav', 'flac'] as const) {
      expect(allowed(format)).toEqual([8000, 11_025, 12_000, 12_345, 22_050, 24_000, 44_100, 48_000])
    }
    expect(allowed('mp3')).toEqual([8000, 11_025, 12_000, 22_050, 24_000, 44_100, 48_000])
    expect(allowed('opus')).toEqual([8000, 12_000, 24_000, 48_000])
    expect(allowed('mulaw')).toEqual([8000])
    expect(allowed('alaw')).toEqual([8000])
    for (const [format, rate] of defaults) expect(allowsRate(format, rate)).toBe(true)
  })
})

describe('FORMATS', () => {
  test('says how each format is to be played', () => {
    const types = ALL.map((format) => FORMATS[format].contentType(FORMATS[format].defaultRate))
    expect(types).toEqual([
      'audio/pcm;rate=24000;channels=1',
      'audio/wav',
      'audio/mpeg',
      'audio/ogg;codecs=opus',
      'audio/flac',
      'audio/basic',
      'audio/PCMA',
    ])
  })
})
