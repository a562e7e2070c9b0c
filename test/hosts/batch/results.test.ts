import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { SpeechError } from '../../../src/errors.ts'
import { multipart } from '../../../src/hosts/batch/multipart.ts'
import { type Result, resultsOf } from '../../../src/hosts/batch/results.ts'
import { concealing } from '../../../src/hosts/remote/conceal.ts'
import type { Bytes } from '../../../src/speech.ts'
import { bytesOf } from '../../fakes/cosyvoice-voice.ts'
import { wavOf } from '../../fakes/recording.ts'
import { failureOf } from '../failure-of.ts'

const SAMPLES = [Int16Array.of(1, 2, 3), Int16Array.of(-4, 5, -6), Int16Array.of(7, 8, 9)]
const base64 = (bytes: Bytes) => Buffer.from(bytes).toString('base64')
const [ONE, TWO, THREE] = SAMPLES.map((samples) => base64(wavOf(samples, 16_000)))

const bytesOfText = (text: string): Bytes => new TextEncoder().encode(text)
const read = (body: Bytes | string, { type = 'application/json', count = 3 } = {}): Result[] =>
  resultsOf(typeof body === 'string' ? bytesOfText(body) : body, new Headers({ 'content-type': type }), {
    count,
    host: 'h',
    conceal: concealing([]),
    sampleRate: 24_000,
  })
const said = (results: readonly Result[]) =>
  results.map((result) => (result instanceof SpeechError ? result.message : [...result.samples]))
const ALL = SAMPLES.map((samples) => [...samples])

describe('resultsOf() of JSON', () => {
  test.each([
    ['strings', [ONE, TWO, THREE]],
    ['objects', [{ audio: ONE }, { audio_base64: TWO }, { wav: THREE }]],
    [
      'objects in another order',
      [
        { index: 2, audio: THREE },
        { index: 0, audio: ONE },
        { index: 1, audio: TWO },
      ],
    ],
    ['results', { results: [{ audio: ONE }, { audio: TWO }, { audio: { data: THREE } }] }],
    ['raw samples', { audios: SAMPLES.map((samples) => ({ pcm: base64(bytesOf(samples)) })) }],
    ['data URLs', [ONE, TWO, THREE].map((audio) => `data:audio/wav;base64,${audio}`)],
  ])('reads %s', (_, json) => {
    expect(said(read(JSON.stringify(json)))).toEqual(ALL)
  })

  test('takes the rate of a WAV, what stands beside raw samples, or what was configured', () => {
    const raw = base64(bytesOf(SAMPLES[0]!))
    const results = read(JSON.stringify([ONE, { pcm: raw, sample_rate: 8_000 }, { pcm: raw }]))
    expect(results.map((result) => 'rate' in result && result.rate)).toEqual([16_000, 8_000, 24_000])
  })

  test('each fails alone, and may be asked for again', () => {
    const list = [ONE, null, '@', { error: 'CUDA out of memory' }, { error: { message: 'Bad' } }, {}, '']
    const results = read(JSON.stringify(list), { count: list.length })
    expect(said(results)).toEqual([
      [1, 2, 3],
      expect.stringContaining('sent no audio for one of the texts'),
      expect.stringContaining('should be base64'),
      'Host "h" failed: CUDA out of memory',
      'Host "h" failed: Bad',
      expect.stringContaining('sent no audio for one of the texts'),
      expect.stringContaining('sent no audio'),
    ])
    for (const result of results.slice(1)) expect(result).toMatchObject({ source: 'host', retryable: true })
  })

  test.each([
    ['too few', [ONE, TWO]],
    ['too many', [ONE, TWO, THREE, ONE]],
    ['none', []],
    [
      'two of one place',
      [
        { index: 0, audio: ONE },
        { index: 0, audio: TWO },
        { index: 2, audio: THREE },
      ],
    ],
    [
      'one of no place',
      [
        { index: 1, audio: ONE },
        { index: 2, audio: TWO },
        { index: 3, audio: THREE },
      ],
    ],
  ])('%s fail the whole call, so that no text gets another’s audio', (_, json) => {
    const error = failureOf(() => read(JSON.stringify(json)))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
    expect(error.message).toContain('results for 3 texts')
  })

  test('an error in place of a list fails the whole call', () => {
    expect(failureOf(() => read('{"error":"Loading"}')).message).toBe('Host "h" failed: Loading')
    expect(failureOf(() => read('{"ok":true}')).message).toContain('holds no array of results')
    expect(failureOf(() => read('[')).message).toContain('JSON that cannot be read')
  })
})

const part = (bytes: Bytes, head: string) => [bytesOfText(head), bytes] as const
const partsOf = (parts: readonly (readonly [Bytes, Bytes])[], end = '\r\n--b--\r\n'): Bytes => {
  const pieces = parts.flatMap(([head, bytes]) => [
    bytesOfText('\r\n--b\r\n'),
    head,
    bytesOfText('\r\n\r\n'),
    bytes,
  ])
  return new Uint8Array(Buffer.concat([bytesOfText('preamble'), ...pieces, bytesOfText(end)]))
}
const WAVS = SAMPLES.map((samples) => part(wavOf(samples, 16_000), 'Content-Type: audio/wav'))

describe('resultsOf() of parts', () => {
  test('reads WAVs in order, mixed and as a form', () => {
    expect(said(read(partsOf(WAVS), { type: 'multipart/mixed; boundary=b' }))).toEqual(ALL)
    expect(said(read(partsOf(WAVS), { type: 'multipart/form-data; boundary="b"' }))).toEqual(ALL)
  })

  test('a part of JSON is an error, or audio', () => {
    const parts = [
      part(bytesOfText('{"error":"No"}'), 'content-type: application/json'),
      part(
        bytesOfText(JSON.stringify({ audio: TWO })),
        'X-A: b\r\ncontent-type: application/json; charset=utf-8',
      ),
      part(bytesOfText('{'), 'content-type: application/json'),
    ]
    expect(said(read(partsOf(parts), { type: 'multipart/mixed; boundary=b' }))).toEqual([
      'Host "h" failed: No',
      [-4, 5, -6],
      expect.stringContaining('JSON that cannot be read'),
    ])
  })

  test('a body that is cut anywhere fails the whole call', () => {
    const whole = partsOf(WAVS, '\r\n--b--')
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        const error = failureOf(() => read(whole.slice(0, length), { type: 'multipart/mixed; boundary=b' }))
        expect(error).toMatchObject({ code: 'upstream', retryable: true })
      }),
    )
  })
})

describe('multipart()', () => {
  test('gives back any bytes, under either line end', () => {
    const bytes = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 5 })
    fc.assert(
      fc.property(bytes, fc.constantFrom('\r\n', '\n'), (parts, end) => {
        const lines = parts.flatMap((content) => [
          Buffer.from(`--zQ7${end}a: b${end}${end}`),
          content,
          Buffer.from(end),
        ])
        const body = new Uint8Array(Buffer.concat([...lines, Buffer.from('--zQ7--')]))
        // A bare CR before a bare LF cannot be told from CRLF.
        const expected = parts.map((content) => [
          ...content.slice(0, end === '\n' && content.at(-1) === 13 ? -1 : undefined),
        ])
        expect(multipart(body, 'zQ7').map((found) => [...found.bytes])).toEqual(expected)
      }),
    )
  })

  test('takes a part without headers, and no boundary for a line of content that only begins like one', () => {
    const body = bytesOfText('--b  \r\n\r\n1\r\n--bx\r\n--b\r\nContent-type:  text/x \r\n\r\n\r\n--b--')
    expect(multipart(body, 'b')).toEqual([
      { type: '', bytes: bytesOfText('1\r\n--bx') },
      { type: 'text/x', bytes: new Uint8Array(0) },
    ])
  })

  test('refuses parts without a boundary, or without an end to their headers', () => {
    expect(() => multipart(bytesOfText('--\r\n'), '')).toThrow('no boundary')
    expect(() => multipart(bytesOfText('--b\r\nabc\r\n--b--'), 'b')).toThrow('without an end to its headers')
  })
})

describe('resultsOf() of anything else', () => {
  test('takes plain audio as the answer to one text', () => {
    const [result] = read(wavOf(SAMPLES[0]!, 16_000), { type: 'audio/wav', count: 1 })
    expect(said([result!])).toEqual([[1, 2, 3]])
  })

  test.each(['audio/wav', 'text/html', ''])('refuses %p for several', (type) => {
    const error = failureOf(() => read('x', { type }))
    expect(error).toMatchObject({ code: 'upstream', retryable: false })
    expect(error.message).toContain('is url its batch call?')
  })

  test('whatever a host sends, it is results or a SpeechError', () => {
    const type = fc.constantFrom(
      'application/json',
      'multipart/mixed; boundary=b',
      'multipart/x',
      'audio/pcm',
    )
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => bytes.slice()),
      fc.json().map(bytesOfText),
      fc
        .array(fc.constantFrom('--b', '\r\n', '--', 'content-type: application/json', '{}', 'x'))
        .map((parts) => bytesOfText(parts.join(''))),
    )
    fc.assert(
      fc.property(type, body, fc.integer({ min: 1, max: 3 }), (claim, bytes, count) => {
        try {
          expect(read(bytes, { type: claim, count })).toHaveLength(count)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SpeechError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
