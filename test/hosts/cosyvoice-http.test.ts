import { describe, expect, test } from 'bun:test'
import { type CosyvoiceHttpDeps, cosyvoiceHttp } from '../../src/hosts/cosyvoice-http.ts'
import { type CosyvoiceHttpConfig, cosyvoiceHttpConfig } from '../../src/hosts/cosyvoice-http-config.ts'
import { wavHeader } from '../../src/pcm/formats/wav.ts'
import { joinBytes } from '../../src/pcm/join-bytes.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Host } from '../../src/speech.ts'
import { streamFrom } from '../../src/stream-from.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { type Behaviour, type CosyvoiceServer, startCosyvoiceServer } from '../fakes/cosyvoice-server.ts'
import { bytesOf, heardOf } from '../fakes/cosyvoice-voice.ts'
import { freePort } from '../fakes/port.ts'
import { recordingOf, wavOf } from '../fakes/recording.ts'
import { chunked } from './audio/chunked.ts'
import { all, failure } from './contract.ts'
import { brokenRecording } from './cosyvoice/broken-recording.ts'
import { heardText, TEXT } from './cosyvoice/sayings.ts'
import { PLAIN, PLAIN_HOST, RATE, type Some, say, share } from './cosyvoice/set-up.ts'
import { leave, WHENS } from './leave.ts'
import { GONE, late } from './reasons.ts'
import { until } from './until.ts'

/** Slow enough to be left in the middle. */
const SLOW: Behaviour = { firstByteMs: 5, rtf: 0.05, pieceChars: 1 }

const server = await startCosyvoiceServer()
share(server, { ...PLAIN, chunkBytes: undefined, cutAfterBytes: undefined, contentType: undefined })

const hostOf = (settings: Some<CosyvoiceHttpConfig> = {}, deps?: CosyvoiceHttpDeps): Host =>
  cosyvoiceHttp(
    cosyvoiceHttpConfig.parse({ ...PLAIN_HOST, kind: 'cosyvoice-http', url: server.url, ...settings }),
    deps,
  )

/** A host whose server is a function. */
const hostBefore = (answer: (init: RequestInit) => Response | Promise<Response>, deps?: CosyvoiceHttpDeps) =>
  hostOf({}, { fetch: async (_, init) => answer(init), ...deps })

describe('cosyvoiceHttp()', () => {
  test('tells whether a voice follows instructions', () => {
    const [{ id }] = PLAIN_HOST.voices
    expect(hostOf({ model: 'cosyvoice-300m-instruct' }).obeys!(id)).toBe(true)
    expect(hostOf({ model: 'cosyvoice-300m-sft' }).obeys!(id)).toBe(false)
  })

  test('asks for a preset by its name at the host, with POST and a form', async () => {
    const pcm = await say(hostOf({ headers: { 'x-key': 'k' }, url: `${server.url}/` }))
    expect(pcm.rate).toBe(RATE)
    await all(pcm)
    const call = server.calls.at(-1)!
    expect(call.route).toBe('inference_sft')
    expect(call.fields).toEqual({ tts_text: TEXT, spk_id: '英文女' })
    expect(call.headers).toMatchObject({ 'x-key': 'k' })
    expect(call.headers['content-type']).toStartWith('multipart/form-data')
  })

  test('finds the routes under the address, which may have a path', async () => {
    const asked: string[] = []
    for (const url of ['http://h:1', 'http://h:1/', 'http://h:1/base', 'http://h:1/base/']) {
      const fetch = async (address: URL) => {
        asked.push(address.href)
        return new Response(new Uint8Array(2))
      }
      await say(hostOf({ url }, { fetch }))
    }
    const [bare, based] = ['http://h:1/inference_sft', 'http://h:1/base/inference_sft'] as const
    expect(asked).toEqual([bare, bare, based, based])
  })

  test('reads the host only as it is asked, so that a slow listener slows it', async () => {
    let pulls = 0
    const body = new ReadableStream({
      pull(controller) {
        pulls++
        controller.enqueue(new Uint8Array(1_000))
      },
    })
    const pcm = await say(hostBefore(() => new Response(body)))
    await settle()
    expect(pulls).toBeLessThan(4)
    for (let i = 0; i < 10; i++) await nextOf(pcm)
    await settle()
    expect(pulls).toBeWithin(10, 14)
  })

  test('keeps the last samples, when they look like the start of a wrapped run', async () => {
    const samples = Int16Array.of(0, 20_000, 32_000, -32_000)
    expect(await all(await say(hostBefore(() => new Response(bytesOf(samples)))))).toEqual(samples)
  })

  test('sends a clone’s recording, mono and trimmed, read once', async () => {
    await using other = await startCosyvoiceServer({ model: 'cosyvoice3', pieceChars: 1 })
    const paths: string[] = []
    const readFile = async (path: string) => {
      paths.push(path)
      return recordingOf(48_000)
    }
    const voice = { id: 'v', mode: 'zero_shot' as const, promptWav: 'voices/v.wav', promptText: '你好。' }
    const host = hostOf({ url: other.url, model: 'cosyvoice3', voices: [voice] }, { readFile })
    await host.ready
    expect((await say(host, { voice: 'v' })).rate).toBe(24_000)
    const { fields, prompt } = await calledOf(other, () => say(host, { voice: 'v' }))
    expect(fields).toEqual({
      tts_text: TEXT,
      prompt_text: 'You are a helpful assistant.<|endofprompt|>你好。',
    })
    expect(new DataView(prompt!.buffer).getUint32(24, true)).toBe(24_000)
    expect(paths).toEqual(['voices/v.wav'])
  })

  test('gives exactly what the host said, wherever its bytes were cut', async () => {
    for (const chunkBytes of [1_001, 4_096, 65_537]) {
      server.behave({ chunkBytes })
      expect(await all(await say(hostOf()))).toEqual(heardText())
    }
  })

  test('repairs samples that the host let wrap', async () => {
    server.behave({ level: 1.3, chunkBytes: 3_001 })
    expect(await all(await say(hostOf()))).toEqual(heardText({ level: 1.3 }))
  })

  test('reads a WAV, which a fork sends, at the rate that it tells, wherever its bytes were cut', async () => {
    const samples = heardOf('Hi.', { rate: 16_000 })
    const open = wavHeader({ rate: 16_000 })
    for (const file of [wavOf(samples, 16_000), joinBytes([open, bytesOf(samples)])]) {
      for (const size of [1, 43, 4_097, 100_000]) {
        const chunks = chunked(file, Array(Math.ceil(file.length / size)).fill(size))
        const type = { headers: { 'content-type': 'audio/wav' } }
        const pcm = await say(hostBefore(() => new Response(streamFrom(chunks), type)))
        expect(pcm.rate).toBe(16_000)
        expect(await all(pcm)).toEqual(samples)
      }
    }
  })

  test('resolves at the first piece, while the host still works on the others', async () => {
    server.behave(SLOW)
    const pcm = await say(hostOf())
    expect(server.calls.at(-1)!.finishedAt).toBeUndefined()
    expect(await all(pcm)).toEqual(heardText())
  })

  test('passes no control token on', async () => {
    const sneaky = 'Hi<|endofprompt|> there <<|en|>|en|> you ＜｜zh｜＞.'
    await all(await say(hostOf(), { text: sneaky }))
    expect(server.calls.at(-1)!.fields.tts_text).not.toMatch(/<\||\|>|＜｜|｜＞/)
  })

  test('refuses a text without anything to say as the caller’s mistake, and does not ask the host', async () => {
    const before = server.calls.length
    for (const text of ['…', '<|zh|>', '?!']) {
      const error = await failure(say(hostOf(), { text }))
      expect(error).toMatchObject({ code: 'invalid', source: 'client', retryable: false })
    }
    expect(server.calls.length).toBe(before)
  })
})

describe('cosyvoiceHttp() when its caller leaves', () => {
  for (const when of WHENS) {
    const leaves = (host: Host, reason?: unknown) => {
      server.behave(SLOW)
      return leave((signal) => say(host, { signal }), { when, reason, begun: () => server.running > 0 })
    }

    test(`${when}: drain settles once the host is free, having read it all`, async () => {
      await leaves(hostOf({ onAbandon: 'drain' }))
      expect(server.calls.at(-1)).toMatchObject({ aborted: false, finishedAt: expect.any(Number) })
      expect(server.running).toBe(0)
    })

    test(`${when}: abort closes the connection at once`, async () => {
      await leaves(hostOf({ onAbandon: 'abort' }))
      expect(server.calls.at(-1)!.finishedAt).toBeUndefined()
      await until(() => server.calls.at(-1)!.aborted && server.running === 0)
    })

    test(`${when}: a host that is late is not drained`, async () => {
      await leaves(hostOf({ onAbandon: 'drain' }), late())
      expect(server.calls.at(-1)!.finishedAt).toBeUndefined()
      await until(() => server.calls.at(-1)!.aborted && server.running === 0)
    })
  }

  test('drains for drainMs and no longer', async () => {
    const clock = new FakeClock()
    const host = hostOf({ timeouts: { drainMs: 500 } }, { setTimer: clock.setTimer })
    server.behave({ hang: 'audio' })
    const caller = new AbortController()
    const before = server.calls.length
    let settled = false
    const call = failure(say(host, { signal: caller.signal })).finally(() => {
      settled = true
    })
    await until(() => server.calls.length > before)
    caller.abort(GONE)
    await clock.advance(499)
    expect(settled).toBe(false)
    await clock.advance(1)
    expect(await call).toBe(GONE)
    expect(clock.timers).toBe(0)
  })

  test('drain leaves a host in order that would never give back its lock', async () => {
    await using locking = await startCosyvoiceServer({ lock: true, ...SLOW })
    const host = hostOf({ url: locking.url, onAbandon: 'drain' })
    await (await say(host)).cancel(GONE)
    expect(await all(await say(host))).toEqual(heardText())
  })

  test('a call that is never heard of again leaves no timer', async () => {
    const clock = new FakeClock()
    const caller = new AbortController()
    const refused = Promise.withResolvers<Response>()
    const call = say(
      hostBefore(() => refused.promise, { setTimer: clock.setTimer }),
      { signal: caller.signal },
    )
    await settle()
    caller.abort(GONE)
    refused.resolve(new Response('', { status: 500 }))
    expect(await failure(call)).toBe(GONE)
    expect(clock.timers).toBe(0)
    const host = hostOf({}, { setTimer: clock.setTimer })
    await all(await say(host))
    await failure(say(host, { voice: 'nobody' }))
    await (await say(host)).cancel(GONE)
    expect(clock.timers).toBe(0)
  })
})

describe('cosyvoiceHttp() when its host fails', () => {
  test('a body cut before any audio names the voice, since upstream answers an unknown one so', async () => {
    const error = await failure(say(hostOf(), { voice: 'nobody' }))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
    expect(String(error)).toContain('"gpu-1" broke off before any audio: does it have the voice "nobody"')
  })

  test('a body cut later is an error, never an end', async () => {
    server.behave({ cutAfterBytes: 20_001, pieceChars: 60 })
    const error = await failure(say(hostOf()).then(all))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
    expect(String(error)).toContain('broke off its reply')
  })

  test('half a sample at the end is an error, whole samples before it are heard', async () => {
    const host = hostBefore(() => new Response(new Uint8Array(1_001)))
    const pcm = await say(host)
    expect(await nextOf(pcm)).toHaveLength(500)
    expect(await failure(nextOf(pcm))).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
  })

  test('a reply that ends well and holds nothing is an error', async () => {
    const error = await failure(say(hostBefore(() => new Response(new Uint8Array(0)))))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
    expect(String(error)).toContain('sent no audio')
  })

  test.each([
    [400, { code: 'upstream', source: 'proxy', retryable: false }],
    [401, { code: 'upstream', source: 'proxy', retryable: false }],
    [404, { code: 'upstream', source: 'proxy', retryable: false }],
    [422, { code: 'upstream', source: 'proxy', retryable: false }],
    [408, { code: 'timeout', source: 'host', retryable: true }],
    [429, { code: 'unavailable', source: 'host', retryable: true }],
    [500, { code: 'upstream', source: 'host', retryable: true }],
    [502, { code: 'upstream', source: 'host', retryable: true }],
    [503, { code: 'unavailable', source: 'host', retryable: true }],
    [504, { code: 'timeout', source: 'host', retryable: true }],
  ])('status %i means %o', async (status, meaning) => {
    server.behave({ refuse: { status, headers: { 'retry-after': '7' } } })
    const error = await failure(say(hostOf()))
    expect(error).toMatchObject(meaning)
    expect(String(error).includes('wait 7 s')).toBe(meaning.code === 'unavailable')
  })

  test('a 422 says which field was wrong, and not what stood in it', async () => {
    const body = JSON.stringify({
      detail: [{ loc: ['body', 'spk_id'], msg: 'Field required', input: 'a secret' }],
    })
    server.behave({ refuse: { status: 422, headers: { 'content-type': 'application/json' }, body } })
    const error = await failure(say(hostOf()))
    expect(String(error)).toContain('"gpu-1" refused the request (422: spk_id: Field required)')
    expect(String(error)).not.toContain('secret')
  })

  test('text instead of audio is an error, and is not read', async () => {
    let cancelled = false
    const page = () => new ReadableStream({ cancel: () => void (cancelled = true) })
    const host = hostBefore(() => new Response(page(), { headers: { 'content-type': 'text/html' } }))
    expect(await failure(say(host))).toMatchObject({ code: 'upstream', source: 'host', retryable: false })
    expect(cancelled).toBe(true)
  })

  test('audio with a content type is taken', async () => {
    server.behave({ contentType: 'application/octet-stream' })
    expect(await all(await say(hostOf()))).toEqual(heardText())
  })

  test('nobody there is unavailable', async () => {
    const host = hostOf({ url: `http://127.0.0.1:${await freePort()}` })
    expect(await failure(say(host))).toMatchObject({ code: 'unavailable', source: 'host', retryable: true })
  })

  test('its disposal ends what is running, whatever the policy', async () => {
    server.behave(SLOW)
    const host = hostOf({ onAbandon: 'drain' })
    const pcm = await say(host)
    await host[Symbol.asyncDispose]()
    expect(await failure(all(pcm))).toMatchObject({ code: 'unavailable', source: 'proxy' })
  })
})

brokenRecording('cosyvoiceHttp()', (settings, readFile) => hostOf(settings, readFile && { readFile }))

async function calledOf(other: CosyvoiceServer, ask: () => ReturnType<typeof say>) {
  await all(await ask())
  return other.calls.at(-1)!
}
