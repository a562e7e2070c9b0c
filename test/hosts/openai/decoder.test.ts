import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { SpeechError } from '../../../src/errors.ts'
import { decoderOf } from '../../../src/hosts/openai/decoder.ts'
import { concealing } from '../../../src/hosts/remote/conceal.ts'
import type { Bytes } from '../../../src/speech.ts'
import { bytesOf } from '../../fakes/cosyvoice-voice.ts'
import { wavOf } from '../../fakes/recording.ts'
import { chunked, cuts } from '../audio/chunked.ts'
import { failureOf } from '../failure-of.ts'

const SAMPLES = Int16Array.of(1, 2, 3, -4, 5)
const base64 = (bytes: Bytes) => Buffer.from(bytes).toString('base64')
const PCM = base64(bytesOf(SAMPLES))
const WAV = base64(wavOf(SAMPLES, 16_000))

const read = (type: string, body: Bytes | string, { sizes = [] as readonly number[], headers = {} } = {}) => {
  const decoder = decoderOf(new Headers({ 'content-type': type, ...headers }), {
    host: 'h',
    conceal: concealing([]),
    sampleRate: 24_000,
  })
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const samples = chunked(bytes, sizes).flatMap((chunk) => [...decoder.push(chunk)])
  return { samples: [...samples, ...decoder.end()], rate: decoder.rate }
}
const heard = (rate = 24_000) => ({ samples: [...SAMPLES], rate })
const sse = (...events: (object | string)[]) =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('')
const delta = (audio: unknown, rest = {}) => ({ type: 'speech.audio.delta', audio, ...rest })
const DONE = { type: 'speech.audio.done', usage: {} }
const EVENTS = 'text/event-stream; charset=utf-8'

describe('decoderOf() of bytes', () => {
  test('takes the rate and the channels from the type, or from headers', () => {
    expect(read('audio/pcm', bytesOf(SAMPLES))).toEqual(heard())
    expect(read('audio/pcm;rate=16000', bytesOf(SAMPLES))).toEqual(heard(16_000))
    expect(read('audio/L16; Rate="44100"; channels=1', bytesOf(SAMPLES))).toEqual(heard(44_100))
    const headers = { 'x-sample-rate': '22050' }
    expect(read('application/octet-stream', bytesOf(SAMPLES), { headers })).toEqual(heard(22_050))
    expect(read('audio/pcm; channels=2', bytesOf(SAMPLES.slice(1))).samples).toEqual([3, 1])
  })

  test('does not take a rate that makes no sense', () => {
    for (const rate of ['0', '', 'x', '-1', '1e9', '24000.5']) {
      expect(read(`audio/pcm;rate=${rate}`, bytesOf(SAMPLES))).toEqual(heard())
    }
  })

  test.each(['text/html; charset=utf-8', 'text/plain', 'application/xml', 'image/png'])(
    'refuses %s',
    (type) => {
      const error = failureOf(() => read(type, '<html>'))
      expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: false })
      expect(error.message).toContain('not with audio: does url lead to its speech API?')
    },
  )
})

describe('decoderOf() of events', () => {
  test('joins deltas of samples, halves of them too, wherever the bytes are cut', () => {
    const bytes = bytesOf(SAMPLES)
    const body = sse(delta(base64(bytes.slice(0, 3))), { type: 'words' }, delta(base64(bytes.slice(3))), DONE)
    fc.assert(fc.property(cuts, (sizes) => expect(read(EVENTS, body, { sizes })).toEqual(heard())))
  })

  test('reads deltas of one WAV, and of a WAV each', () => {
    const file = wavOf(SAMPLES, 16_000)
    const parts = sse(delta(base64(file.slice(0, 30))), delta(base64(file.slice(30))), DONE)
    expect(read(EVENTS, parts)).toEqual(heard(16_000))
    const files = sse(
      { audio: { data: WAV, format: 'wav' } },
      { audio: { data: WAV, format: 'wav' } },
      '[DONE]',
    )
    expect(read(EVENTS, files)).toEqual({ samples: [...SAMPLES, ...SAMPLES], rate: 16_000 })
  })

  test('finds audio in delta, and a rate beside it', () => {
    const body = sse({ type: 'speech.audio.delta', delta: PCM, sample_rate: 8_000 }, DONE)
    expect(read(EVENTS, body)).toEqual(heard(8_000))
  })

  test('knows when all is said, and does not hear what follows', () => {
    const decoder = decoderOf(new Headers({ 'content-type': EVENTS }), {
      host: 'h',
      conceal: concealing([]),
      sampleRate: 24_000,
    })
    const push = (text: string) => decoder.push(new TextEncoder().encode(text))
    push(sse(delta(PCM), delta(PCM)))
    expect(decoder.isDone).toBe(false)
    expect([...push(sse(DONE, delta(PCM)))]).toEqual([])
    expect(decoder.isDone).toBe(true)
  })

  test('an end without a last event is a failure that may be tried again', () => {
    const error = failureOf(() => read(EVENTS, sse(delta(PCM))))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
  })

  test.each([
    ['speech.audio.error', { type: 'speech.audio.error', error: { message: 'Engine died' } }],
    ['a bare error', { error: { message: 'Engine died', code: 500 } }],
    ['error in words', { error: 'Engine died' }],
  ])('%s is a failure that may be tried again, in the host’s words', (_, event) => {
    const error = failureOf(() => read(EVENTS, sse(delta(PCM), event)))
    expect(error).toMatchObject({ code: 'upstream', retryable: true, scope: 'host' })
    expect(error.message).toBe('Host "h" failed: Engine died')
  })

  test('an event named error is one, whatever it holds', () => {
    expect(failureOf(() => read(EVENTS, 'event: error\ndata: {"message":"Boom"}\n\n')).message).toContain(
      'Boom',
    )
  })

  test('an error with a status of 4xx is the request’s, and only the voice’s trouble', () => {
    const event = { type: 'speech.audio.error', error: { message: 'No voice', code: 400 } }
    expect(failureOf(() => read(EVENTS, sse(event)))).toMatchObject({ retryable: false, scope: 'voice' })
  })

  test('refuses a delta in another format by name', () => {
    const error = failureOf(() =>
      read(EVENTS, sse(delta(base64(new Uint8Array(20)), { response_format: 'mp3' }))),
    )
    expect(error.message).toContain('sent audio/mp3')
  })

  test('events that cannot be read are a failure', () => {
    expect(failureOf(() => read(EVENTS, 'data: {oops\n\n')).message).toContain('JSON that cannot be read')
    expect(failureOf(() => read(EVENTS, sse(delta('@@'), DONE))).message).toContain('should be base64')
  })
})

describe('decoderOf() of JSON', () => {
  test.each([
    [{ audio: PCM }, heard()],
    [{ audio: WAV }, heard(16_000)],
    [{ audio: `data:audio/wav;base64,${WAV}` }, heard(16_000)],
    [{ audio: { data: PCM, sample_rate: 8_000 } }, heard(8_000)],
    [{ data: { b64_json: PCM }, sample_rate: 48_000 }, heard(48_000)],
    [{ audioContent: PCM.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') }, heard()],
  ])('reads %o', (json, expected) => {
    expect(read('application/json', JSON.stringify(json), { sizes: [5, 1] })).toEqual(expected)
  })

  test('tells an error that came with a good status', () => {
    const error = failureOf(() =>
      read('application/problem+json', '{"error":{"message":"No such voice","code":404}}'),
    )
    expect(error).toMatchObject({ code: 'upstream', retryable: false, scope: 'voice' })
    expect(error.message).toBe('Host "h" failed: No such voice')
  })

  test.each(['', '{', '[]', 'null', '{"id":1}', '{"audio":5}', '{"audio":null}', '{"audio":""}'])(
    'refuses %p',
    (body) => {
      expect(failureOf(() => read('application/json', body))).toMatchObject({
        code: 'upstream',
        source: 'host',
      })
    },
  )

  test('does not hold more than it should', () => {
    const decoder = decoderOf(new Headers({ 'content-type': 'application/json' }), {
      host: 'h',
      conceal: concealing([]),
      sampleRate: 1,
    })
    const push = () => decoder.push(new Uint8Array(33_000_000))
    push()
    expect(push).toThrow('sent a reply of over 64000000 bytes')
  })
})

test('whatever a host sends, decoderOf() gives samples or throws a SpeechError', () => {
  const type = fc.constantFrom('audio/pcm', 'audio/wav', '', EVENTS, 'application/json', 'audio/mpeg')
  const text = fc.array(
    fc.oneof(
      fc.json(),
      fc.constantFrom(sse(delta(PCM)), sse(delta(WAV)), 'data: ', '\n\n', '[DONE]'),
      fc.string(),
    ),
    { maxLength: 5 },
  )
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => bytes.slice()),
    text.map((parts) => new TextEncoder().encode(parts.join(''))),
  )
  fc.assert(
    fc.property(type, body, cuts, (claim, bytes, sizes) => {
      try {
        read(claim, bytes, { sizes })
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(SpeechError)
      }
    }),
    { numRuns: 2_000 },
  )
})
