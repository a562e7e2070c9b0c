import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wav, wavHeader, wholeWavHead } from '../../../src/pcm/formats/wav.ts'
import type { Bytes } from '../../../src/speech.ts'
import { needs } from '../../fakes/needs.ts'
import { ffmpeg, run, sox } from '../decode.ts'
import { encoded, vowel } from '../sound.ts'

const rate = 24_000
const voice = vowel({ hz: 150, rate, seconds: 0.7 })
const streamed = encoded(wav({ rate }), voice)
const whole: Bytes = new Uint8Array([...wavHeader({ rate, samples: voice.length }), ...streamed.subarray(44)])
const both = [
  ['streamed', streamed],
  ['whole', whole],
] as const

describe('wav()', () => {
  test('is one header of unknown sizes, the samples, and nothing after them', () => {
    const header = new DataView(streamed.buffer)
    expect([header.getUint32(4, true), header.getUint32(40, true)]).toEqual([0xffffffff, 0xffffffff])
    expect(new Int16Array(streamed.slice(44).buffer)).toEqual(voice)
  })

  test('gives its header with the first push, even one of no samples', () => {
    const stream = wav({ rate })
    expect(stream.push(new Int16Array(0)).length).toBe(44)
    expect(stream.push(Int16Array.of(1, 2)).length).toBe(4)
    expect(stream.end().length).toBe(0)
  })
})

describe('wavHeader()', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sotto-wav-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('has true sizes when the samples are counted', () => {
    const header = new DataView(wavHeader({ rate: 22_050, samples: 1000 }).buffer)
    expect([header.getUint32(4, true), header.getUint32(40, true)]).toEqual([2036, 2000])
    expect([header.getUint32(24, true), header.getUint32(28, true)]).toEqual([22_050, 44_100])
  })

  test('has its true sizes in its head once it is whole, and keeps open ones where 32 bits have no room for them', () => {
    const open = wavHeader({ rate })
    expect(wholeWavHead.of(open, { rate, samples: 1000, bytes: 2044 })).toEqual(
      wavHeader({ rate, samples: 1000 }),
    )
    const most = (2 ** 32 - 38) / 2
    expect(wholeWavHead.of(open, { rate, samples: most, bytes: 0 })).toEqual(
      wavHeader({ rate, samples: most }),
    )
    expect(wholeWavHead.of(open, { rate, samples: most + 1, bytes: 0 })).toEqual(open)
  })

  test.skipIf(!needs('ffmpeg')).each(both)('opens in ffmpeg (%s; needs ffmpeg)', (_, bytes) => {
    expect(ffmpeg(bytes, { format: 'wav', rate })).toEqual(voice)
  })

  test.skipIf(!needs('sox')).each(both)('opens in sox (%s; needs sox)', (_, bytes) => {
    expect(sox(bytes, 'wav')).toEqual(voice)
  })

  test.skipIf(!needs('python3')).each(both)("opens in Python's wave (%s; needs python3)", (name, bytes) => {
    const file = join(folder, `${name}.wav`)
    writeFileSync(file, bytes)
    const script = `
import sys, wave
with wave.open(sys.argv[1]) as w:
    print(w.getframerate(), w.getnchannels(), w.getsampwidth(), len(w.readframes(w.getnframes())))`
    const said = new TextDecoder().decode(run('python3', ['-c', script, file], new Uint8Array(0)))
    expect(said.trim()).toBe(`24000 1 2 ${voice.length * 2}`)
  })
})
