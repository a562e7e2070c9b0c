import { describe, expect, test } from 'bun:test'
import Flac from 'libflacjs/dist/libflac.js'
import { flac, wholeFlacHead } from '../../../src/pcm/formats/flac.ts'
import { needs } from '../../fakes/needs.ts'
import { run, sox } from '../decode.ts'
import { encoded, vowel } from '../sound.ts'

const rate = 24_000
const voice = vowel({ hz: 150, rate, seconds: 1.3 })

describe('flac()', () => {
  test.skipIf(!needs('sox'))('gives a stream that sox hears sample by sample (needs sox)', async () => {
    expect(sox(encoded(await flac({ rate }), voice), 'flac')).toEqual(voice)
  })

  test.skipIf(!needs('ffmpeg'))('has checksums that ffmpeg believes (needs ffmpeg)', async () => {
    const strict = ['-v', 'error', '-err_detect', 'crccheck+explode', '-i', '-', '-f', 's16le', '-']
    expect(run('ffmpeg', strict, encoded(await flac({ rate }), voice)).length).toBe(voice.length * 2)
  })

  test('leaves the length open in its header, which comes with the first push', async () => {
    using encoding = await flac({ rate })
    const header = encoding.push(new Int16Array(0))
    expect(new TextDecoder().decode(header.subarray(0, 4))).toBe('fLaC')
    const streamInfo = new DataView(header.buffer, 8)
    expect(streamInfo.getUint32(10) >>> 12).toBe(rate)
    expect([streamInfo.getUint32(14), streamInfo.getUint8(13) & 15]).toEqual([0, 0]) // samples in all
  })

  test('has its length in its head once that is known, and keeps an open one where it has no room for it', async () => {
    using encoding = await flac({ rate })
    const { size, of } = wholeFlacHead
    const head = encoding.push(new Int16Array(0)).slice(0, size)
    const whole = of(head, { rate, samples: 2 ** 36 - 1, bytes: 0 })
    expect(whole.subarray(0, 21)).toEqual(head.subarray(0, 21))
    expect([...whole.subarray(21)]).toEqual([head[21]! | 15, 255, 255, 255, 255])
    expect([...of(head, { rate, samples: 258, bytes: 0 }).subarray(21)]).toEqual([head[21]!, 0, 0, 1, 2])
    expect(of(head, { rate, samples: 2 ** 36, bytes: 0 })).toEqual(head)
  })

  test('gives a block of 10 ms as soon as the sample after it is in', async () => {
    using encoding = await flac({ rate })
    encoding.push(new Int16Array(0)) // the header
    expect(encoding.push(voice.subarray(0, 240)).length).toBe(0)
    expect(encoding.push(voice.subarray(240, 241)).length).toBeGreaterThan(10)
    expect(encoding.push(voice.subarray(241, 480)).length).toBe(0)
  })

  test('has its memory back when a reply ends or is broken off', async () => {
    const next = () => {
      const encoder = Flac.create_libflac_encoder(rate, 1, 16, 2, 0, false, 480)
      Flac.FLAC__stream_encoder_delete(encoder)
      return encoder
    }
    await flac({ rate })
    const before = next()
    ;(await flac({ rate })).end()
    ;(await flac({ rate }))[Symbol.dispose]()
    expect(next()).toBe(before)
  })
})
