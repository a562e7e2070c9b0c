import { describe, expect, test } from 'bun:test'
import { readWav } from '../../../src/hosts/audio/read-wav.ts'
import { promptWav } from '../../../src/hosts/cosyvoice/prompt-wav.ts'
import type { Bytes, Samples } from '../../../src/speech.ts'
import { heardOf } from '../../fakes/cosyvoice-voice.ts'
import { wavOf } from '../../fakes/recording.ts'

const RATE = 16_000
const speech = heardOf('This is how I sound.', { rate: RATE })

const padded = (seconds: number): Samples => {
  const samples: Samples = new Int16Array(speech.length + seconds * RATE)
  samples.set(speech)
  return samples
}

/** A WAV file in any layout: chunks before the data, several channels, other sample formats. */
function wavAs(
  samples: Samples,
  {
    kind = 1,
    bits = 16,
    channels = 1,
    extensible = false,
    extra = 0,
    size,
  }: Record<string, number | boolean | undefined>,
): Bytes {
  const width = Number(bits) / 8
  const format = extensible ? 40 : 16
  const data = samples.length * width * Number(channels)
  const view = new DataView(new ArrayBuffer(12 + 8 + format + Number(extra) + 8 + data))
  const text = (at: number, name: string) =>
    [...name].forEach((letter, i) => void view.setUint8(at + i, letter.charCodeAt(0)))
  text(0, 'RIFF')
  view.setUint32(4, view.byteLength - 8, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, format, true)
  view.setUint16(20, extensible ? 0xfffe : Number(kind), true)
  view.setUint16(22, Number(channels), true)
  view.setUint32(24, RATE, true)
  view.setUint16(34, Number(bits), true)
  if (extensible) view.setUint16(44, Number(kind), true)
  let at = 20 + format
  if (extra) {
    text(at, 'LIST')
    view.setUint32(at + 4, Number(extra) - 8, true)
    at += Number(extra)
  }
  text(at, 'data')
  view.setUint32(at + 4, Number(size ?? data), true)
  at += 8
  for (const sample of samples) {
    for (let channel = 0; channel < Number(channels); channel++, at += width) {
      if (kind === 3) view.setFloat32(at, sample / 32_768, true)
      else if (bits === 16) view.setInt16(at, sample, true)
      else if (bits === 32) view.setInt32(at, sample * 65_536, true)
      else if (bits === 24) view.setInt16(at + 1, sample, true)
    }
  }
  return new Uint8Array(view.buffer)
}

describe('promptWav()', () => {
  test('cuts silence at the end to a fifth of a second, and leaves the rest as it is', () => {
    const { rate, samples } = readWav(promptWav(wavOf(padded(3), RATE)))
    expect(rate).toBe(RATE)
    expect(samples.length / rate).toBeCloseTo(speech.length / RATE + 0.2, 2)
    expect(samples.subarray(0, speech.length)).toEqual(speech)
    expect(readWav(promptWav(wavOf(padded(0.1), RATE))).samples).toEqual(padded(0.1))
  })

  test('brings a recording of more than 24 kHz down to it', () => {
    const { rate, samples } = readWav(promptWav(wavOf(heardOf('Hello.', { rate: 44_100 }), 44_100)))
    expect(rate).toBe(24_000)
    expect(samples.length / rate).toBeCloseTo(6 * 0.067, 1)
  })

  test.each([
    [
      'under 16 kHz',
      wavOf(heardOf('Hi.', { rate: 8_000 }), 8_000),
      'rate must be at least 16000 Hz, current value is 8000',
    ],
    [
      'over 30 s',
      wavOf(new Int16Array(31 * RATE).fill(1_000), RATE),
      'length must be at most 30 s, current value is 31.0',
    ],
    ['silent', wavOf(new Int16Array(RATE), RATE), 'level must be over -50 dBFS'],
    ['over 48 kHz', wavOf(heardOf('Hi.', { rate: 96_000 }), 96_000), 'rate must be at most 48000 Hz'],
    [
      'no WAV but FLAC',
      new TextEncoder().encode('fLaC and so on'),
      'must be a WAV file, current value is FLAC',
    ],
    ['no WAV but Ogg', new TextEncoder().encode('OggS and so on'), 'current value is Ogg'],
    ['no WAV but MP3', new TextEncoder().encode('ID3 and so on'), 'current value is MP3'],
    ['no WAV but anything', new TextEncoder().encode('hello'), 'current value is something else'],
    ['empty', new Uint8Array(0), 'current value is an empty file'],
    ['cut off after its head', wavOf(speech, RATE).slice(0, 20), 'must hold a format and data'],
    ['of 8 bits', wavAs(speech, { bits: 8 }), 'format 1 of 8 bits'],
    ['of a compressed kind', wavAs(speech, { kind: 7 }), 'format 7 of 16 bits'],
  ])('refuses a recording that is %s', (_, file, message) => {
    expect(() => promptWav(file)).toThrow(message)
    expect(() => promptWav(file)).toThrow(RangeError)
  })
})

describe('readWav()', () => {
  test.each([
    ['24 bits', { bits: 24 }],
    ['32 bits', { bits: 32 }],
    ['floats', { kind: 3, bits: 32 }],
    ['two channels', { channels: 2 }],
    ['the extensible form', { extensible: true }],
    ['floats in the extensible form', { kind: 3, bits: 32, extensible: true }],
    ['other chunks', { extra: 34 }],
    ['an open size, as streamed', { size: 0xffffffff }],
    ['size and data cut', { size: 1_000_000 }],
  ])('reads %s', (_, layout) => {
    expect(readWav(wavAs(speech, layout))).toEqual({ rate: RATE, samples: speech })
  })
})
