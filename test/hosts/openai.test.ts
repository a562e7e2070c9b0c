import { describe, expect, test } from 'bun:test'
import type { PostDeps } from '../../src/hosts/http/post.ts'
import { openai } from '../../src/hosts/openai.ts'
import { openaiConfig } from '../../src/hosts/openai-config.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Bytes, Clause, Host } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { bytesOf, heardOf } from '../fakes/cosyvoice-voice.ts'
import { type Flavour, type OpenaiServerOptions, startOpenaiServer } from '../fakes/openai-server.ts'
import { freePort } from '../fakes/port.ts'
import { all, failure } from './contract.ts'
import { leave, WHENS } from './leave.ts'
import { GONE, late } from './reasons.ts'
import { until } from './until.ts'

const TEXT = 'Hello there. How are you? I am well.'
const SLOW = { firstByteMs: 5, rtf: 0.05, pieceChars: 6 }

const expected = (rate = 24_000, pieceChars = 20) => {
  const pieces = TEXT.match(new RegExp(`.{1,${pieceChars}}`, 'g')) ?? []
  return Int16Array.from(pieces.flatMap((text) => [...heardOf(text, { rate })]))
}

const hostAt = (url: string, settings: object = {}, deps?: Partial<PostDeps>): Host =>
  openai(
    openaiConfig.parse({
      id: 'gpu-1',
      kind: 'openai',
      url,
      model: 'tts',
      voices: [{ id: 'v' }],
      ...settings,
    }),
    deps,
  )

const say = (
  host: Host,
  { signal = new AbortController().signal, ...clause }: Partial<Clause> & Signal = {},
) => host.synthesize(clauseOf(TEXT, clause), { signal })
type Signal = { signal?: AbortSignal }

const startWith = (flavour: Flavour, options: OpenaiServerOptions = {}) =>
  startOpenaiServer({ flavour, ...options })

/** A host whose server is a function. */
const hostBefore = (
  answer: (init: RequestInit, url: URL) => Response | Promise<Response>,
  { settings = {}, ...deps }: Partial<PostDeps> & { settings?: object } = {},
) => hostAt('http://h:1', settings, { fetch: async (url, init) => answer(init, url), ...deps })

const audio = (samples = heardOf('Hi.', { rate: 24_000 })) =>
  new Response(bytesOf(samples), { headers: { 'content-type': 'audio/pcm' } })

/** The JSON that a host was sent. */
async function sentBy(settings: object, clause: Partial<Clause> = {}): Promise<Record<string, unknown>> {
  let sent = {}
  const answer = async ({ body }: RequestInit) => {
    sent = JSON.parse(await new Response(body as Blob).text())
    return audio()
  }
  await all(await say(hostBefore(answer, { settings }), clause))
  return sent
}

describe('openai()', () => {
  test.each([
    ['openai', {}],
    ['openai', { format: 'wav' }],
    ['openai', { stream: 'sse' }],
    ['openai', { stream: 'none' }],
    ['vllm-omni', {}],
    ['vllm-omni', { format: 'wav' }],
    ['vllm-omni', { stream: 'sse' }],
    ['vllm-omni', { stream: 'sse', format: 'wav' }],
    ['vllm-omni', { stream: 'none', format: 'wav' }],
    ['vllm-omni-old', {}],
    ['vllm-omni-old', { stream: 'sse' }],
    ['sglang-omni', {}],
    ['sglang-omni', { stream: 'sse', format: 'wav' }],
    ['kokoro', {}],
    ['kokoro', { stream: 'sse', format: 'wav' }],
    ['cosyvoice.cpp', {}],
    ['cosyvoice.cpp', { format: 'wav' }],
    ['cosyvoice-api', { stream: 'none' }],
  ] as [Flavour, object][])(
    'gives what a %s says with %o, wherever its bytes were cut',
    async (flavour, settings) => {
      for (const chunkBytes of [undefined, 1_001]) {
        await using server = await startWith(flavour, { chunkBytes })
        // The real service refuses what it does not know; its address is not this one.
        const extra = flavour === 'openai' && !('stream' in settings && settings.stream === 'none')
        const deps = extra ? { fetch: withoutStream } : {}
        const pcm = await say(hostAt(server.url, settings, deps))
        expect(pcm.rate).toBe(flavour === 'cosyvoice-api' ? 22_050 : 24_000)
        expect(pcm.speed).toBe(1)
        expect(await all(pcm)).toEqual(expected(pcm.rate))
      }
    },
  )

  test('finds the call under an address with /v1 and without, with a path, and its own', async () => {
    const asked: string[] = []
    const urls = [
      'http://h',
      'http://h/',
      'http://h/v1',
      'http://h/v1/',
      'http://h/base',
      'http://h/base/v2',
      'http://h/x/audio/speech?a=1',
    ]
    for (const url of urls) {
      const fetch = async (address: URL) => {
        asked.push(address.href)
        return audio()
      }
      await all(await say(hostAt(url, {}, { fetch })))
    }
    const bare = 'http://h/v1/audio/speech'
    const based = [
      'http://h/base/v1/audio/speech',
      'http://h/base/v2/audio/speech',
      'http://h/x/audio/speech?a=1',
    ]
    expect(asked).toEqual([bare, bare, bare, bare, ...based])
  })

  test('asks for what was configured, and for no more', async () => {
    const common = { model: 'tts', input: TEXT, voice: 'v', response_format: 'pcm' }
    expect(await sentBy({})).toEqual({ ...common, stream_format: 'audio', stream: true })
    expect(await sentBy({ url: 'https://api.openai.com/v1' })).toEqual({ ...common, stream_format: 'audio' })
    expect(await sentBy({ stream: 'sse' })).toEqual({ ...common, stream_format: 'sse', stream: true })
    expect(await sentBy({ stream: 'none', format: 'wav' })).toEqual({ ...common, response_format: 'wav' })
    expect(await sentBy({ extra: { stream: false, lang_code: 'z' } })).toMatchObject({
      stream: false,
      lang_code: 'z',
    })
  })

  test('calls a voice by the host’s name, with its instructions and seed unless the clause has its own', async () => {
    const voices = [{ id: 'v', name: 'af_heart', instructions: 'Calm.', seed: 7 }]
    expect(await sentBy({ voices })).toMatchObject({ voice: 'af_heart', instructions: 'Calm.', seed: 7 })
    expect(await sentBy({ voices }, { instructions: 'Loud.', seed: 0 })).toMatchObject({
      instructions: 'Loud.',
      seed: 0,
    })
    expect(await sentBy({}, { seed: 9 })).toMatchObject({ seed: 9 })
  })

  test('leaves the pace to the host only when told to', async () => {
    expect(await sentBy({}, { speed: 1.5 })).not.toHaveProperty('speed')
    expect(await sentBy({ speed: true }, { speed: 1.5 })).toMatchObject({ speed: 1.5 })
    expect(
      (
        await say(
          hostBefore(() => audio()),
          { speed: 1.5 },
        )
      ).speed,
    ).toBe(1)
    expect(
      (
        await say(
          hostBefore(() => audio(), { settings: { speed: true } }),
          { speed: 1.5 },
        )
      ).speed,
    ).toBe(1.5)
  })

  test('sends the key, unless the headers have another, and further headers', async () => {
    await using server = await startWith('kokoro', { apiKey: 'k-1' })
    await all(await say(hostAt(server.url, { apiKey: 'k-1', headers: { 'X-Team': 'a' } })))
    expect(server.calls.at(-1)!.headers).toMatchObject({ authorization: 'Bearer k-1', 'x-team': 'a' })
    await all(await say(hostAt(server.url, { apiKey: 'x', headers: { Authorization: 'Bearer k-1' } })))
  })

  test('passes no control token on, and refuses a text without anything to say', async () => {
    expect((await sentBy({}, { spoken: 'Hi<|endofprompt|> there.' })).input).toBe('Hi  there.')
    const silent = await failure(
      say(
        hostBefore(() => audio()),
        { spoken: '<|zh|>…' },
      ),
    )
    expect(silent).toMatchObject({ code: 'invalid', source: 'client', retryable: false })
  })

  test('sends marks only to a model that knows them, unless there is nothing else', async () => {
    const spoken = 'That is <strong>so</strong> good [laughter].'
    const inputOf = async (settings: object, text = spoken) =>
      (await sentBy(settings, { spoken: text })).input
    expect(await inputOf({ model: 'kokoro' })).toBe('That is so good  .')
    expect(await inputOf({ model: 'FunAudioLLM/CosyVoice2-0.5B' })).toBe(spoken)
    expect(await inputOf({ model: 'kokoro', marks: true })).toBe(spoken)
    expect(await inputOf({ model: 'orpheus', marks: false })).toBe('That is so good  .')
    expect(await inputOf({ marks: false }, '[laughter].')).toBe('[laughter].')
  })

  test('lists its voices with their languages, or the host’s', () => {
    const voices = [{ id: 'a', languages: ['zh'] }, { id: 'b' }]
    const host = hostAt('http://h', { voices, languages: ['en'] })
    expect(host.voices).toEqual([
      { id: 'a', languages: ['zh'] },
      { id: 'b', languages: ['en'] },
    ])
  })

  test('resolves at the first audio, while the host still works on the rest', async () => {
    await using server = await startWith('vllm-omni', SLOW)
    const pcm = await say(hostAt(server.url))
    expect(server.calls[0]!.finished).toBe(false)
    expect(await all(pcm)).toEqual(expected(24_000, 6))
  })

  test('reads the host only as it is asked', async () => {
    let pulls = 0
    const body = new ReadableStream<Bytes>({
      pull(controller) {
        pulls++
        controller.enqueue(new Uint8Array(48_000).fill(1))
      },
    })
    const pcm = await say(hostBefore(() => new Response(body)))
    expect(await nextOf(pcm)).toHaveLength(24_000)
    const before = pulls
    await settle()
    expect(pulls).toBe(before)
    expect(await nextOf(pcm)).toHaveLength(24_000)
    await settle()
    expect(pulls).toBeLessThanOrEqual(before + 1)
    await pcm.cancel()
  })

  test('ends when the host says so, though its connection stays open, and lets go of it soon', async () => {
    const clock = new FakeClock()
    let cancelled = false
    const data = Buffer.from(bytesOf(heardOf('Hi.', { rate: 24_000 }))).toString('base64')
    const events = [{ type: 'speech.audio.delta', audio: data }, { type: 'speech.audio.done' }]
    const body = new ReadableStream<Bytes>({
      start(controller) {
        for (const event of events)
          controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`))
      },
      cancel: () => void (cancelled = true),
    })
    const reply = () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    const pcm = await say(hostBefore(reply, { setTimer: clock.setTimer }))
    expect(await all(pcm)).toEqual(heardOf('Hi.', { rate: 24_000 }))
    expect(await nextOf(pcm)).toBeUndefined()
    await clock.advance(999)
    expect(cancelled).toBe(false)
    await clock.advance(1)
    expect(cancelled).toBe(true)
    expect(clock.timers).toBe(0)
  })
})

describe('openai() when its caller leaves', () => {
  for (const stream of ['audio', 'sse']) {
    for (const when of WHENS) {
      const leaves = (host: Host, begun: () => boolean) =>
        leave((signal) => say(host, { signal }), { when, begun })

      test(`${when} (${stream}): drain settles once the host is free, having read it all`, async () => {
        await using server = await startWith('vllm-omni', SLOW)
        await leaves(hostAt(server.url, { stream, onAbandon: 'drain' }), () => server.running > 0)
        await until(() => server.running === 0)
        expect(server.calls[0]).toMatchObject({ aborted: false, finished: true })
      })

      test(`${when} (${stream}): abort closes the connection at once`, async () => {
        await using server = await startWith('vllm-omni', SLOW)
        await leaves(hostAt(server.url, { stream }), () => server.running > 0)
        await until(() => server.calls[0]!.aborted && server.running === 0)
        expect(server.calls[0]!.finished).toBe(false)
      })
    }
  }

  test('gets the reason, though more has come than was read, whole replies too', async () => {
    const samples = bytesOf(heardOf(TEXT, { rate: 24_000 }))
    const json = JSON.stringify({ audio: Buffer.from(samples).toString('base64') })
    const replies = [
      () => new Response(samples),
      () => new Response(json, { headers: { 'content-type': 'application/json' } }),
    ]
    for (const reply of replies) {
      const caller = new AbortController()
      const pcm = await say(hostBefore(reply), { signal: caller.signal })
      await nextOf(pcm)
      caller.abort(GONE)
      expect(await failure(nextOf(pcm))).toBe(GONE)
    }
  })

  test('no timer is left, however a call ends', async () => {
    const clock = new FakeClock()
    await using server = await startWith('vllm-omni')
    const host = hostAt(server.url, { onAbandon: 'drain' }, { setTimer: clock.setTimer })
    await all(await say(host))
    await (await say(host)).cancel(GONE)
    await failure(say(hostAt(server.url, { model: 'x' }, { setTimer: clock.setTimer })))
    await failure(say(hostBefore(() => Promise.reject(new Error('x')), { setTimer: clock.setTimer })))
    expect(clock.timers).toBe(0)
  })

  test('disposal ends what is running, whatever the policy', async () => {
    await using server = await startWith('vllm-omni', SLOW)
    const host = hostAt(server.url, { onAbandon: 'drain' })
    const pcm = await say(host)
    await host[Symbol.asyncDispose]()
    expect(await failure(all(pcm))).toMatchObject({ code: 'unavailable', source: 'proxy' })
  })
})

describe('openai() when its host fails', () => {
  test.each([
    ['audio', {}],
    ['sse', {}],
    ['audio', { format: 'wav' }],
  ])('a reply cut anywhere is an error, never an end (%s, %o)', async (stream, settings) => {
    for (const cutAfterBytes of [1, 30, 20_001, 40_000]) {
      await using server = await startWith('vllm-omni', { cutAfterBytes })
      const error = await failure(say(hostAt(server.url, { stream, ...settings })).then(all))
      expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
    }
  })

  test.each(['audio', 'sse'])('a failure late in a reply is an error (%s)', async (stream) => {
    await using server = await startWith('vllm-omni', { failLate: true })
    const error = await failure(say(hostAt(server.url, { stream })).then(all))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
  })

  test.each([
    ['openai', 'tts', 'x', '400: No voice x'],
    ['kokoro', 'tts', 'x', '400: No voice x'],
    ['cosyvoice-api', 'tts', 'x', '400: No voice x'],
    ['cosyvoice.cpp', 'other', 'v', "404: The model 'other' does not exist"],
  ] as const)(
    'an unknown voice or model at %s is the voice’s trouble, in the host’s words',
    async (flavour, model, name, words) => {
      await using server = await startWith(flavour)
      const host = hostAt(server.url, { model, stream: 'none', voices: [{ id: 'v', name }] })
      const error = await failure(say(host))
      expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: false, scope: 'voice' })
      expect(String(error)).toContain(`Host "gpu-1" refused voice "v" or the rest of the request (${words})`)
    },
  )

  test.each([
    [400, { code: 'upstream', retryable: false, scope: 'voice' }],
    [422, { code: 'upstream', retryable: false, scope: 'voice' }],
    [401, { code: 'upstream', retryable: false, scope: 'host' }],
    [403, { code: 'upstream', retryable: false, scope: 'host' }],
    [408, { code: 'timeout', retryable: true, scope: 'host' }],
    [429, { code: 'unavailable', retryable: true, retryAfterMs: 7_000 }],
    [503, { code: 'unavailable', retryable: true, retryAfterMs: 7_000 }],
    [500, { code: 'upstream', retryable: true, scope: 'host' }],
    [502, { code: 'upstream', retryable: true, scope: 'host' }],
    [504, { code: 'timeout', retryable: true, scope: 'host' }],
    [302, { code: 'upstream', retryable: false }],
  ])('status %i means %o', async (status, meaning) => {
    await using server = await startWith('openai', { refuse: { status, headers: { 'retry-after': '7' } } })
    expect(await failure(say(hostAt(server.url)))).toMatchObject({ source: 'host', ...meaning })
  })

  test('asks to check the key when it is not let in', async () => {
    await using server = await startWith('openai', { apiKey: 'right-key' })
    const error = await failure(say(hostAt(server.url, { apiKey: 'wrong-key' })))
    expect(String(error)).toContain('does not let sotto in: check apiKey (401: Incorrect API key provided)')
  })

  test('does not follow a redirect, which would turn the call into another, and says where it leads', async () => {
    await using server = await startWith('openai', {
      refuse: { status: 301, headers: { location: 'https://h/v1' } },
    })
    const error = await failure(say(hostAt(server.url)))
    expect(String(error)).toContain('redirects: set url to where it really is')
    expect(server.calls).toHaveLength(1)
  })

  test('a busy host without a queue is asked again later', async () => {
    await using server = await startWith('cosyvoice.cpp', { concurrency: 1, ...SLOW })
    const host = hostAt(server.url)
    const first = await say(host)
    const error = await failure(say(host))
    expect(error).toMatchObject({ code: 'unavailable', retryable: true, retryAfterMs: undefined })
    expect(String(error)).toContain('is busy (503: Server overloaded)')
    await all(first)
  })

  test('repeats neither the caller’s text nor the key from what the host says', async () => {
    const body = { error: { message: `Cannot say "${TEXT}" for secret-key` } }
    await using server = await startWith('openai', { refuse: { status: 400, body } })
    const error = await failure(say(hostAt(server.url, { apiKey: 'secret-key' })))
    expect(String(error)).toContain('Cannot say "…" for …')
    expect(String(error)).not.toMatch(/Hello|secret/)
  })

  test.each([
    [
      'of a reply that is JSON',
      () => Response.json({ error: { message: 'No key-1234, said Bearer key-5678' } }),
    ],
    [
      'of an event',
      () =>
        new Response('data: {"type":"error","error":{"message":"No key-1234, said key-5678"}}\n\n', {
          headers: { 'content-type': 'text/event-stream' },
        }),
    ],
  ])('repeats no key and no header from the words %s', async (_, reply) => {
    const host = hostBefore(reply, {
      settings: { apiKey: 'key-1234', headers: { 'x-gateway': 'Bearer key-5678' } },
    })
    expect(String(await failure(say(host)))).toMatch(/failed: No …, said ?…$/)
  })

  test('a reply that ends well and holds nothing is an error', async () => {
    for (const reply of [() => new Response(''), () => new Response(null, { status: 204 })]) {
      const error = await failure(say(hostBefore(reply)))
      expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
      expect(String(error)).toContain('sent no audio')
    }
  })

  test('a page of a gateway is an error, and is not read', async () => {
    let cancelled = false
    const page = () => new ReadableStream({ cancel: () => void (cancelled = true) })
    const host = hostBefore(() => new Response(page(), { headers: { 'content-type': 'text/html' } }))
    expect(String(await failure(say(host)))).toContain('answered with text/html, not with audio')
    expect(cancelled).toBe(true)
  })

  test('says which format to configure when the host sends another', async () => {
    await using server = await startWith('kokoro')
    const host = hostAt(
      server.url,
      {},
      { fetch: (url, init) => sendWith(url, init, { response_format: 'mp3' }) },
    )
    const error = await failure(say(host))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: false })
    expect(String(error)).toContain('make it answer with wav or pcm')
  })

  test('nobody there is unavailable', async () => {
    const host = hostAt(`http://127.0.0.1:${await freePort()}`)
    expect(await failure(say(host))).toMatchObject({ code: 'unavailable', source: 'host', retryable: true })
  })

  test.each(['headers', 'body'] as const)(
    'a host that hangs before its %s is left when the caller says so',
    async (hang) => {
      await using server = await startWith('openai', { hang })
      const caller = new AbortController()
      const reason = late()
      const call = failure(say(hostAt(server.url, { onAbandon: 'drain' }), { signal: caller.signal }))
      await until(() => server.running > 0)
      caller.abort(reason)
      expect(await call).toBe(reason)
      await until(() => server.running === 0)
    },
  )
})

describe('openaiConfig', () => {
  const given = { id: 'h', kind: 'openai', url: 'http://h', model: 'm', voices: [{ id: 'v' }] }
  const mistakesOf = (settings: object) =>
    (openaiConfig.safeParse({ ...given, ...settings }).error?.issues ?? []).map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    )

  test('fills in what is not said', () => {
    expect(openaiConfig.parse(given)).toMatchObject({
      slots: 4,
      fallback: false,
      format: 'pcm',
      sampleRate: 24_000,
      stream: 'audio',
      speed: false,
      onAbandon: 'abort',
      extra: {},
      headers: {},
      languages: [],
      timeouts: { firstAudioMs: 10_000 },
    })
  })

  test.each([
    [{ voices: [{ id: 'v' }, { id: 'v' }] }, `voices.1.id: "v" is another voice's id already`],
    [{ extra: { input: 'x' } }, 'extra.input: cannot be set here'],
    [{ format: 'mp3' }, 'format: '],
    [{ stream: true }, 'stream: '],
    [{ url: 'h:8880' }, 'url: must be an address such as http://127.0.0.1:8880/v1'],
    [{ voices: [] }, 'voices: '],
    [{ prompt: 1 }, ': '],
  ])('refuses %o', (settings, mistake) => {
    expect(mistakesOf(settings)).toEqual([expect.stringContaining(mistake)])
  })
})

/** Sends what it is given with some fields changed; `undefined` takes one out. */
async function sendWith(url: URL, init: RequestInit, changes: object): Promise<Response> {
  const body = JSON.parse(await new Response(init.body as Blob).text())
  return fetch(url, { ...init, body: JSON.stringify({ ...body, ...changes }) })
}

const withoutStream = (url: URL, init: RequestInit) => sendWith(url, init, { stream: undefined })
