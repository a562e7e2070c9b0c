import { describe, expect, test } from 'bun:test'
import { openAiErrorResponse } from '../../src/api/openai-error.ts'
import { speechRoutes } from '../../src/api/speech.ts'
import { tenantConfig } from '../../src/dispatch/config.ts'
import { Tenants } from '../../src/dispatch/tenants.ts'
import { SpeechError } from '../../src/errors.ts'
import { ring } from '../../src/pcm/ring.ts'
import type { Speech } from '../../src/speech.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { FakeClock } from '../fakes/clock.ts'
import { supplyOf } from '../fakes/supply.ts'

function appOf({ fails, bytes = 3 }: { fails?: SpeechError; bytes?: number } = {}) {
  const asked: Speech[] = []
  const app = speechRoutes({
    async speak(speech) {
      asked.push(speech)
      if (fails) throw fails
      const pieces = [Uint8Array.from({ length: bytes }, (_, i) => i + 1)]
      return { audio: supplyOf(async () => pieces.shift()), capacity: 7680, seconds: 0.5 }
    },
    voices: { resolve: (name) => `${name}-resolved` },
    tenants: new Tenants([
      tenantConfig.parse({ id: 'gold', maxPriority: 5, deadlineMs: 900, degrade: false }),
    ]),
    metrics: new Metrics(new FakeClock()),
    bodyOf: ring,
    maxChars: 20,
  }).onError((thrown) => openAiErrorResponse(thrown))
  const post = (body: unknown) =>
    app.request('/audio/speech', {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return { app, asked, post }
}

const LEAST = { model: 'tts-1', voice: 'alloy', input: 'Hello.' }

async function refusal(body: unknown) {
  const response = await appOf().post(body)
  const { error } = (await response.json()) as {
    error: { message: string; type: string; param: string; code: string }
  }
  return { status: response.status, ...error }
}

describe('POST /audio/speech', () => {
  test('tells in every reply where its time went, also in one that refuses or fails', async () => {
    const fails = new SpeechError('dead', { code: 'unavailable', source: 'host' })
    const replies = [
      [await appOf().post(LEAST), 200],
      [await appOf().post({}), 400],
      [await appOf({ fails }).post(LEAST), 503],
    ] as const
    for (const [{ status, headers }, expected] of replies) {
      expect(status).toBe(expected)
      expect(headers.get('server-timing')).toMatch(/(^|, )total;dur=\d/)
    }
  })

  test('takes OpenAI’s least body and fills its defaults in', async () => {
    const { asked, post } = appOf()
    const response = await post(LEAST)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('audio/mpeg')
    expect(response.headers.get('x-request-id')).toBe(asked[0]!.id)
    expect(asked[0]).toMatchObject({
      text: 'Hello.',
      voice: 'alloy-resolved',
      speed: 1,
      format: 'mp3',
      sampleRate: 24_000,
    })
  })

  test('takes every field of OpenAI’s and every extra', async () => {
    const { asked, post } = appOf()
    const response = await post({
      ...LEAST,
      voice: { id: 'me' },
      instructions: 'Softly.',
      response_format: 'pcm',
      speed: 1.5,
      stream_format: 'audio',
      language: 'zh-CN',
      sample_rate: 16_000,
      seed: 7,
      cache: 'no-store',
      lexicon: [{ pattern: 'SQL', replacement: 'sequel' }],
    })
    expect(response.headers.get('content-type')).toContain('rate=16000')
    expect(asked[0]).toMatchObject({
      voice: 'me-resolved',
      instructions: 'Softly.',
      speed: 1.5,
      language: 'zh-CN',
      seed: 7,
    })
    expect(asked[0]!.lexicon).toHaveLength(1)
  })

  test('tells proxies before it to hand audio on as it comes, and nobody to keep it', async () => {
    for (const stream_format of ['audio', 'sse']) {
      const { headers } = await appOf().post({ ...LEAST, stream_format })
      expect(headers.get('x-accel-buffering')).toBe('no')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  test('speaks in server-sent events when asked, ending with usage', async () => {
    const response = await appOf().post({ ...LEAST, stream_format: 'sse' })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(await response.text()).toBe(
      'data: {"type":"speech.audio.delta","audio":"AQID"}\n\n' +
        'data: {"type":"speech.audio.done","usage":{"input_tokens":6,"output_tokens":13,"total_tokens":19},"timing":{"total_ms":0}}\n\n',
    )
  })

  test('sends each event whole', async () => {
    const response = await appOf({ bytes: 4800 }).post({ ...LEAST, stream_format: 'sse' })
    const chunks = await Array.fromAsync(response.body!.pipeThrough(new TextDecoderStream()))
    expect(chunks.map((chunk) => chunk.split('\n\n').length)).toEqual([2, 2])
  })

  test('counts characters, not code units, against the limit', async () => {
    expect((await appOf().post({ ...LEAST, input: '😀'.repeat(20) })).status).toBe(200)
    expect(await refusal({ ...LEAST, input: 'x'.repeat(21) })).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param: 'input',
      message: 'input: must have at most 20 characters, current length is 21',
    })
  })

  test.each([
    ['bad JSON', '{"model":', 'not valid JSON'],
    ['an empty body', '', 'Body is empty'],
    ['a list', [], 'Body must be an object, not a list'],
    ['no input', { model: 'm', voice: 'v' }, 'input: is required'],
    ['an empty input', { ...LEAST, input: '' }, 'input: must not be empty'],
    ['a number as input', { ...LEAST, input: 5 }, 'input: must be a string, not a number'],
    ['no voice', { model: 'm', input: 'x' }, 'voice: is required'],
    [
      'an unknown format',
      { ...LEAST, response_format: 'mp4' },
      'response_format: must be one of pcm, wav, mp3',
    ],
    ['AAC, with the reason', { ...LEAST, response_format: 'aac' }, 'since no well-kept encoder streams it'],
    [
      'a number past all',
      '{"model":"m","input":"x","voice":"v","speed":1e999}',
      'speed: must be a number, not one that is too large',
    ],
    ['a body of a crowd', `{"x":[${'0,'.repeat(20_000)}0]}`, 'Body has over 20000 fields and entries'],
    ['a speed past 4', { ...LEAST, speed: 4.1 }, 'speed: must be at most 4, current value is 4.1'],
    [
      'a rate that a format cannot have',
      { ...LEAST, response_format: 'opus', sample_rate: 22_050 },
      'sample_rate: ',
    ],
    ['a field that nobody knows', { ...LEAST, pitch: 2 }, 'pitch: is not a known field'],
    ['a language that is none', { ...LEAST, language: 'klingon' }, 'language: must be a BCP 47 tag'],
  ])('refuses %s with a 400 that says where', async (_, body, message) => {
    const { status, type, message: said } = await refusal(body)
    expect([status, type]).toEqual([400, 'invalid_request_error'])
    expect(said).toContain(message)
  })

  test('names the field of a body with an unknown one', async () => {
    expect((await refusal({ ...LEAST, pitch: 2 })).param).toBe('pitch')
  })

  test('lists ten mistakes of a body that has more, and no name at full length', async () => {
    const names = Array.from({ length: 12 }, (_, i) => [`${i}`.padEnd(1_000, 'x'), i])
    const { message } = await refusal({ ...LEAST, ...Object.fromEntries(names) })
    expect(message.split('; ')).toHaveLength(11)
    expect(message).toEndWith('; and 2 more mistakes')
    expect(message.length).toBeLessThan(1_200)
  })

  test('takes null for a field that is not given', async () => {
    expect((await appOf().post({ ...LEAST, speed: null, response_format: null })).status).toBe(200)
    expect((await refusal({ ...LEAST, model: null })).message).toBe('model: is required')
  })

  test('says of a compressed body that it is compressed', async () => {
    const { app } = appOf()
    const body = Bun.gzipSync(JSON.stringify(LEAST))
    const headers = { 'content-encoding': 'gzip' }
    const response = await app.request('/audio/speech', { method: 'POST', body, headers })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('Body is compressed (gzip)')
  })

  test('refuses a body over 10 MB while it arrives', async () => {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(1 << 20).fill(32))
        sent++
      },
    })
    const { app } = appOf()
    const response = await app.request('/audio/speech', {
      method: 'POST',
      body,
      duplex: 'half',
    } as RequestInit)
    expect(response.status).toBe(413)
    expect(sent).toBeLessThan(14)
  })

  test('answers only-if-cached with 404, since nothing is cached', async () => {
    expect((await refusal({ ...LEAST, cache: 'only-if-cached' })).status).toBe(404)
  })

  test('answers a host’s failure before first audio with its status and when to retry', async () => {
    const unavailable = new SpeechError('No host', { code: 'unavailable', source: 'proxy' })
    const response = await appOf({ fails: unavailable }).post(LEAST)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await response.json()).toEqual({
      error: { message: 'No host', type: 'server_error', param: null, code: 'host_unavailable' },
    })
  })

  test.each([
    [1, '1'],
    [2_000, '2'],
    [2_001, '3'],
  ])(
    'says in whole seconds that %d ms are to be waited, whatever the status',
    async (retryAfterMs, seconds) => {
      for (const code of ['exhausted', 'unavailable', 'upstream'] as const) {
        const response = openAiErrorResponse(new SpeechError('Full', { code, source: 'proxy', retryAfterMs }))
        expect(response.headers.get('retry-after')).toBe(seconds)
      }
    },
  )

  test('says nothing of waiting where that would not help', () => {
    const response = openAiErrorResponse(new SpeechError('No', { code: 'invalid', source: 'client' }))
    expect(response.headers.get('retry-after')).toBeNull()
  })

  test('never shows the text of an unexpected error', async () => {
    const response = openAiErrorResponse(new Error('secret path /etc'))
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
  })

  test('takes who asks, how urgently and until when, as far as the tenant may', async () => {
    const { app, asked } = appOf()
    const post = (body: object, tenant?: string) =>
      app.request('/audio/speech', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(tenant && { 'x-sotto-tenant': tenant }) },
        body: JSON.stringify({ model: 'm', voice: 'v', input: 'Hello.', ...body }),
      })
    await post({ priority: 9 })
    expect(asked[0]).toMatchObject({
      tenant: { id: 'default', weight: 1 },
      priority: 0,
      degrade: true,
      share: true,
    })
    expect(asked[0]!.deadlineAt).toBeUndefined()
    const before = performance.now()
    await post({ priority: 9, cache: 'no-store' }, 'gold')
    expect(asked[1]).toMatchObject({ tenant: { id: 'gold' }, priority: 5, degrade: false, share: false })
    expect(asked[1]!.deadlineAt! - before).toBeWithin(900, 1_000)
    await post({ deadline_ms: 50, priority: -3 }, 'gold')
    expect(asked[2]).toMatchObject({ priority: -3 })
    expect(asked[2]!.deadlineAt! - before).toBeWithin(50, 150)
    const unknown = await post({}, 'nobody')
    expect(unknown.status).toBe(400)
    expect(await unknown.text()).toContain('Tenant \\"nobody\\" is not known')
  })
})
