import { describe, expect, test } from 'bun:test'
import { createServer, type Socket } from 'node:net'
import { Code } from '@connectrpc/connect'
import { SpeechError } from '../../src/errors.ts'
import { type CosyvoiceGrpcDeps, cosyvoiceGrpc } from '../../src/hosts/cosyvoice-grpc.ts'
import { type CosyvoiceGrpcConfig, cosyvoiceGrpcConfig } from '../../src/hosts/cosyvoice-grpc-config.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Host } from '../../src/speech.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import {
  type CosyvoiceGrpcServer,
  type CosyvoiceGrpcServerOptions,
  type GrpcBehaviour,
  type GrpcFakeCall,
  startCosyvoiceGrpcServer,
} from '../fakes/cosyvoice-grpc-server.ts'
import { freePort, listenOn } from '../fakes/port.ts'
import { recordingOf } from '../fakes/recording.ts'
import { all, failure } from './contract.ts'
import { brokenRecording } from './cosyvoice/broken-recording.ts'
import { heardText, TEXT } from './cosyvoice/sayings.ts'
import { PLAIN, PLAIN_HOST, RATE, type Some, say, share } from './cosyvoice/set-up.ts'
import { leave, WHENS } from './leave.ts'
import { GONE, late } from './reasons.ts'
import { until } from './until.ts'

/** More than the server says in one piece. */
const LONG = 'This is a sentence of some length, which goes on for a while. '.repeat(6).trim()

/** Slow enough to be left in the middle. */
const SLOW: GrpcBehaviour = { firstByteMs: 5, rtf: 0.02, pieceChars: 1 }
const CLONE = { promptWav: 'voices/v.wav', promptText: '你好。' }

const server = await startCosyvoiceGrpcServer()
share(server, {
  ...PLAIN,
  messageBytes: undefined,
  cutAfterMessages: undefined,
  failAfterMessages: undefined,
  trailingBytes: undefined,
  strictPrompts: undefined,
})

type Settings = Some<CosyvoiceGrpcConfig>

const hostOf = (settings: Settings = {}, deps?: CosyvoiceGrpcDeps): Host =>
  cosyvoiceGrpc(
    cosyvoiceGrpcConfig.parse({ ...PLAIN_HOST, kind: 'cosyvoice-grpc', url: server.url, ...settings }),
    deps,
  )

const readFile = async () => recordingOf(48_000)

/** A server and a host before it, for what the shared ones are not. */
async function pair(options: CosyvoiceGrpcServerOptions, settings: Settings, deps?: CosyvoiceGrpcDeps) {
  const server = await startCosyvoiceGrpcServer({ pieceChars: 1, ...options })
  const host = hostOf({ url: server.url, ...settings }, { readFile, ...deps })
  const close = async () => {
    await host[Symbol.asyncDispose]()
    await server.close()
  }
  return { server, host, [Symbol.asyncDispose]: close }
}

const FORK = { dialect: 'async-cosyvoice', model: 'cosyvoice2' } as const

describe('cosyvoiceGrpc()', () => {
  test('asks for a preset by its name at the host, with its metadata', async () => {
    const pcm = await say(hostOf({ headers: { 'x-key': 'k' }, url: `${server.url}/` }))
    expect(pcm.rate).toBe(RATE)
    await all(pcm)
    const call = server.calls.at(-1)!
    expect(call).toMatchObject({ kind: 'sftRequest', fields: { ttsText: TEXT, spkId: '英文女' } })
    expect(call.headers.get('x-key')).toBe('k')
    expect(call.headers.get('content-type')).toStartWith('application/grpc')
  })

  test('gives exactly what the host said, wherever its messages were cut', async () => {
    for (const messageBytes of [undefined, 1_001, 4_096, 65_537]) {
      server.behave({ messageBytes })
      expect(await all(await say(hostOf()))).toEqual(heardText())
    }
  })

  test('repairs samples that the host let wrap', async () => {
    server.behave({ level: 1.3, messageBytes: 3_001 })
    expect(await all(await say(hostOf()))).toEqual(heardText({ level: 1.3 }))
  })

  test('resolves at the first piece, while the host still works on the others', async () => {
    server.behave(SLOW)
    const pcm = await say(hostOf())
    expect(server.calls.at(-1)!.finishedAt).toBeUndefined()
    expect(await all(pcm)).toEqual(heardText())
  })

  test('reads the host only as it is asked, so that a slow listener slows it, and no other call', async () => {
    server.behave({ seconds: 600 })
    const host = hostOf()
    const stalled = await say(host)
    await until(() => server.calls.at(-1)!.pieces > 1)
    await quiet(() => server.calls.at(-1)!.pieces)
    const call = server.calls.at(-1)!
    expect(call.pieces).toBeLessThan(60)
    server.behave({ seconds: undefined })
    expect(await all(await say(host))).toEqual(heardText())
    expect(call.finishedAt).toBeUndefined()
    await host[Symbol.asyncDispose]()
    expect(await failure(all(stalled))).toBeInstanceOf(SpeechError)
  })

  test('takes a piece longer than gRPC’s default limit of 4 MiB, and none over its own', async () => {
    const long = 'word '.repeat(320).trim()
    const pcm = await say(hostOf(), { text: long })
    expect((await all(pcm)).length * 2).toBeGreaterThan(4 * 1024 * 1024)
    const error = await failure(say(hostOf({ maxMessageBytes: 65_536 }), { text: long }))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: false })
    expect(String(error)).toContain('maxMessageBytes')
  })

  test('passes no control token on', async () => {
    await all(await say(hostOf(), { text: 'Hi<|endofprompt|> there <<|en|>|en|> you ＜｜zh｜＞.' }))
    expect(server.calls.at(-1)!.fields.ttsText).not.toMatch(/<\||\|>|＜｜|｜＞/)
  })

  test('refuses a text without anything to say as the caller’s mistake, and does not ask the host', async () => {
    const before = server.calls.length
    const error = await failure(say(hostOf(), { text: '…' }))
    expect(error).toMatchObject({ code: 'invalid', source: 'client', retryable: false })
    expect(server.calls.length).toBe(before)
  })
})

describe('cosyvoiceGrpc() in upstream’s dialect', () => {
  test('sends a clone’s recording as 16-bit samples at 16 kHz without a header, read once', async () => {
    const paths: string[] = []
    const readFile = async (path: string) => {
      paths.push(path)
      return recordingOf(48_000)
    }
    const voices = [{ id: 'v', mode: 'zero_shot' as const, ...CLONE }]
    await using it = await pair({ model: 'cosyvoice3' }, { model: 'cosyvoice3', voices }, { readFile })
    await it.host.ready
    for (let i = 0; i < 2; i++) expect((await say(it.host, { voice: 'v' })).rate).toBe(24_000)
    const { kind, fields, prompt } = it.server.calls.at(-1)!
    expect(kind).toBe('zeroShotRequest')
    expect(fields).toEqual({
      ttsText: TEXT,
      promptText: 'You are a helpful assistant.<|endofprompt|>你好。',
    })
    expect(prompt!.length / 2 / 16_000).toBeWithin(1.5, 2.5)
    expect(new TextDecoder().decode(prompt!.subarray(0, 4))).not.toBe('RIFF')
    expect(paths).toEqual(['voices/v.wav'])
  })

  test('asks for each of its calls in its own message', async () => {
    const instructions = 'Speak softly.'
    const voices = [
      { id: 'c', mode: 'cross_lingual' as const, promptWav: 'v.wav' },
      { id: 'i', mode: 'instruct' as const, spkId: '英文女', instructions },
    ]
    await using it = await pair(
      { model: 'cosyvoice-300m-instruct' },
      { model: 'cosyvoice-300m-instruct', voices },
    )
    await all(await say(it.host, { voice: 'c', text: 'Hi.' }))
    await all(await say(it.host, { voice: 'i', text: 'Hi.' }))
    expect(it.server.calls).toMatchObject([
      { kind: 'crossLingualRequest', fields: { ttsText: '<|en|>Hi.' } },
      { kind: 'instructRequest', fields: { ttsText: 'Hi.', spkId: '英文女', instructText: instructions } },
    ])
    expect(it.server.calls[0]!.prompt!.length).toBeGreaterThan(0)
  })

  test('goes without instructions where the server has no call that follows them', async () => {
    const voices = [{ id: 'v', mode: 'zero_shot' as const, ...CLONE }]
    await using it = await pair({ model: 'cosyvoice2' }, { model: 'cosyvoice2', voices })
    await all(await say(it.host, { voice: 'v', instructions: 'Whisper.' }))
    expect(it.host.obeys!('v')).toBe(false)
    expect(it.server.calls.at(-1)).toMatchObject({ kind: 'zeroShotRequest', fields: { ttsText: TEXT } })
  })

  test('a server that takes no recordings is that voice’s trouble', async () => {
    const voices = [{ id: 'v', mode: 'zero_shot' as const, ...CLONE }]
    await using it = await pair({ model: 'cosyvoice2', strictPrompts: true }, { model: 'cosyvoice2', voices })
    expect(await failure(say(it.host, { voice: 'v' }))).toMatchObject({ source: 'host', scope: 'voice' })
  })
})

describe('cosyvoiceGrpc() in the fork’s dialect', () => {
  const voices = [
    { id: 'preset', mode: 'sft' as const, spkId: '001' },
    { id: 'clone', mode: 'zero_shot' as const, ...CLONE },
    { id: 'kept', mode: 'zero_shot' as const, spkId: '001' },
    { id: 'told', mode: 'instruct2' as const, promptWav: 'v.wav', instructions: 'Speak softly.' },
    { id: 'unknown', mode: 'zero_shot' as const, spkId: '002' },
  ]
  const start = () => pair({ ...FORK, voices: ['001'] }, { ...FORK, voices })

  test('asks for streamed 16-bit samples, and gives them as they were said', async () => {
    await using it = await start()
    const heard = await all(await say(it.host, { voice: 'kept' }))
    expect(heard).toEqual(heardText({ rate: 24_000 }))
    expect(it.server.calls.at(-1)!.fields).toEqual({ ttsText: TEXT, format: 'pcm', spkId: '001' })
  })

  test('asks for each of its calls in its own message', async () => {
    await using it = await start()
    const kinds: string[] = []
    for (const [voice, instructions] of [
      ['preset'],
      ['clone'],
      ['clone', 'Whisper.'],
      ['kept'],
      ['kept', 'Whisper.'],
      ['told'],
    ] as const) {
      await all(await say(it.host, { voice, instructions }))
      kinds.push(it.server.calls.at(-1)!.kind)
    }
    expect(kinds).toEqual([
      'sftRequest',
      'zeroShotRequest',
      'instruct2Request',
      'zeroShotBySpkIdRequest',
      'instruct2BySpkIdRequest',
      'instruct2Request',
    ])
  })

  test('leaves the mark at the end of instructions to the server, which sets it itself', async () => {
    await using it = await start()
    await all(await say(it.host, { voice: 'told' }))
    expect(it.server.calls.at(-1)!.fields.instructText).toBe('Speak softly.')
  })

  test('sends a clone’s recording as 32-bit floats at 16 kHz', async () => {
    await using it = await start()
    await all(await say(it.host, { voice: 'clone' }))
    const floats = new Float32Array(it.server.calls.at(-1)!.prompt!.slice().buffer)
    expect(floats.length / 16_000).toBeWithin(1.5, 2.5)
    expect(Math.max(...floats)).toBeWithin(0.2, 1)
  })

  test('a voice that the server does not keep is that voice’s trouble', async () => {
    await using it = await start()
    const error = await failure(say(it.host, { voice: 'unknown' }))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', scope: 'voice' })
    expect(String(error)).toContain('does it have the voice "unknown"')
  })

  test('the other dialect’s server is named as such, and is no sick host', async () => {
    await using it = await start()
    const mistaken = hostOf({ url: it.server.url })
    const error = await failure(say(mistaken))
    expect(error).toMatchObject({ code: 'upstream', source: 'proxy', retryable: false })
    expect(String(error)).toContain('does its dialect fit')
  })
})

interface Leaves {
  readonly text?: string
  readonly reason?: unknown
  readonly at?: CosyvoiceGrpcServer
}

describe('cosyvoiceGrpc() when its caller leaves', () => {
  const leaves = (
    host: Host,
    when: (typeof WHENS)[number],
    { text = TEXT, reason, at = server }: Leaves = {},
  ) => leave((signal) => say(host, { text, signal }), { when, reason, begun: () => at.running > 0 })

  for (const when of WHENS) {
    test(`${when}: drain settles once the host is free, having read it all`, async () => {
      server.behave(SLOW)
      await leaves(hostOf({ onAbandon: 'drain' }), when)
      expect(server.calls.at(-1)).toMatchObject({
        cancelled: false,
        finishedAt: expect.any(Number),
        pieces: 3,
      })
      expect(server.running).toBe(0)
    })

    test(`${when}: abort reads a text of one piece to its end, since cancelling would spare nothing`, async () => {
      server.behave({ ...SLOW, pieceChars: 60 })
      const host = hostOf({ onAbandon: 'abort' })
      await all(await say(host, { text: LONG })) // so that its pace is known
      await leaves(host, when)
      expect(server.calls.at(-1)).toMatchObject({ cancelled: false, pieces: 1 })
      expect(server.running).toBe(0)
    })

    test(`${when}: abort cancels a longer text, and settles once the piece in work is done`, async () => {
      server.behave({ rtf: 0.02, pieceChars: 60 })
      const host = hostOf({ onAbandon: 'abort' })
      await all(await say(host, { text: LONG }))
      await leaves(host, when, { text: LONG })
      const call = server.calls.at(-1)!
      expect(call.cancelled).toBe(true)
      expect(call.pieces).toBeLessThan(4)
      expect(server.running).toBe(0)
    })

    test(`${when}: a host that is late is cancelled, and settles once the piece in work is done`, async () => {
      server.behave({ rtf: 0.02, pieceChars: 60 })
      const host = hostOf({ onAbandon: 'drain' })
      await all(await say(host, { text: LONG }))
      await leaves(host, when, { text: LONG, reason: late() })
      const call = server.calls.at(-1)!
      expect(call.cancelled).toBe(true)
      expect(call.pieces).toBeLessThan(4)
      expect(server.running).toBe(0)
    })
  }

  test('abort reads to the end while it is not known how long a piece takes', async () => {
    server.behave({ rtf: 0.005, pieceChars: 60 })
    await leaves(hostOf({ onAbandon: 'abort' }), 'by cancelling', { text: LONG })
    expect(server.calls.at(-1)).toMatchObject({ cancelled: false, finishedAt: expect.any(Number) })
  })

  test('abort leaves the slot free for the next call, at a host with but one', async () => {
    await using it = await pair({ maxConc: 1, rtf: 0.02, pieceChars: 60 }, { onAbandon: 'abort' })
    await all(await say(it.host, { text: LONG }))
    for (let i = 0; i < 3; i++) {
      const pcm = await say(it.host, { text: LONG })
      await pcm.cancel(GONE)
    }
    expect(it.server.refused).toBe(0)
    expect(it.server.mostRunning).toBe(1)
  })

  for (const when of WHENS) {
    test(`${when}: the fork stops in the middle of a piece, and its slot is free when that settles`, async () => {
      const voices = [{ id: 'anna', mode: 'zero_shot' as const, spkId: '001' }]
      const settings = { ...FORK, voices, onAbandon: 'abort' as const }
      const behaviour = { ...FORK, voices: ['001'], rtf: 0.05, pieceChars: 60, maxConc: 1 }
      await using it = await pair(behaviour, settings)
      await leaves(it.host, when, { text: LONG, at: it.server })
      const call = it.server.calls.at(-1)!
      expect(call.cancelled).toBe(true)
      expect(call.pieces).toBeLessThan(3)
      expect(it.server.running).toBe(0)
      await all(await say(it.host, { text: 'Hi.' }))
      expect(it.server.refused).toBe(0)
    })
  }

  test('drains for drainMs and no longer', async () => {
    const clock = new FakeClock()
    const host = hostOf({ timeouts: { drainMs: 500 } }, { setTimer: clock.setTimer })
    server.behave({ hang: true })
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
    await until(() => server.running === 0)
  })

  test('its disposal ends what is running and what is waited for, whatever the policy', async () => {
    for (const onAbandon of ['drain', 'abort'] as const) {
      server.behave({ rtf: 0.02, pieceChars: 60 })
      const clock = new FakeClock()
      const host = hostOf({ onAbandon }, { setTimer: clock.setTimer })
      await all(await say(host, { text: LONG }))
      const [pcm, abandoned] = [await say(host, { text: LONG }), await say(host, { text: LONG })]
      const gone = abandoned.cancel(GONE)
      await settle()
      await host[Symbol.asyncDispose]()
      expect(await failure(all(pcm))).toMatchObject({ code: 'unavailable', source: 'proxy' })
      await gone
      expect(clock.timers).toBe(0)
    }
  })

  test('no call leaves a timer', async () => {
    const clock = new FakeClock()
    const host = hostOf({}, { setTimer: clock.setTimer })
    await all(await say(host))
    await failure(say(host, { voice: 'nobody' }))
    await (await say(host)).cancel(GONE)
    expect(clock.timers).toBe(0)
  })
})

describe('cosyvoiceGrpc() when its host fails', () => {
  test('a preset that the host does not have is that voice’s trouble', async () => {
    const error = await failure(say(hostOf(), { voice: 'nobody' }))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true, scope: 'voice' })
    expect(String(error)).toContain('"gpu-1" failed: does it have the voice "nobody"')
  })

  test.each([
    [Code.InvalidArgument, { code: 'upstream', source: 'proxy', retryable: false }],
    [Code.Unauthenticated, { code: 'upstream', source: 'proxy', retryable: false }],
    [Code.PermissionDenied, { code: 'upstream', source: 'proxy', retryable: false }],
    [Code.Unimplemented, { code: 'upstream', source: 'proxy', retryable: false }],
    [Code.FailedPrecondition, { code: 'upstream', source: 'proxy', retryable: false }],
    [Code.NotFound, { code: 'upstream', source: 'proxy', retryable: false, scope: 'voice' }],
    [Code.DeadlineExceeded, { code: 'timeout', source: 'host', retryable: true }],
    [Code.ResourceExhausted, { code: 'unavailable', source: 'host', retryable: true, retryAfterMs: 7_000 }],
    [Code.Unavailable, { code: 'unavailable', source: 'host', retryable: true, retryAfterMs: 7_000 }],
    [Code.Unknown, { code: 'upstream', source: 'host', retryable: true, scope: 'host' }],
    [Code.Internal, { code: 'upstream', source: 'host', retryable: true, scope: 'host' }],
    [Code.Aborted, { code: 'upstream', source: 'host', retryable: true }],
    [Code.Canceled, { code: 'upstream', source: 'host', retryable: true }],
    [Code.DataLoss, { code: 'upstream', source: 'host', retryable: true }],
  ])('status %i means %o', async (code, meaning) => {
    server.behave({ refuse: { code, text: 'CUDA out\n of memory', metadata: { 'retry-after': '7' } } })
    const error = await failure(say(hostOf()))
    expect(error).toMatchObject(meaning)
    expect(String(error)).toContain('CUDA out of memory')
  })

  test('repeats neither the caller’s text nor a key from what the host says', async () => {
    server.behave({ refuse: { code: Code.Unknown, text: `Cannot say "${TEXT}" for key-1234` } })
    const error = await failure(say(hostOf({ headers: { authorization: 'Bearer key-1234' } })))
    expect(String(error)).toContain('failed (UNKNOWN: Cannot say "…" f')
    expect(String(error)).not.toContain('key')
  })

  test('a host that asks to wait in gRPC’s own way is heard too', async () => {
    const metadata = { 'grpc-retry-pushback-ms': '250' }
    server.behave({ refuse: { code: Code.Unavailable, metadata } })
    expect(await failure(say(hostOf()))).toMatchObject({ code: 'unavailable', retryAfterMs: 250 })
  })

  test('a host that is full is busy, says so at once, and is no longer once a slot is free', async () => {
    await using it = await pair({ maxConc: 1, ...SLOW }, {})
    const first = await say(it.host)
    const error = await failure(say(it.host))
    expect(error).toMatchObject({ code: 'unavailable', source: 'host', retryable: true })
    expect(String(error)).toContain('is busy (RESOURCE_EXHAUSTED: Concurrent RPC limit exceeded!)')
    await all(first)
    expect(await all(await say(it.host))).toEqual(heardText())
  })

  test('a request that is too long for the host is our config’s fault', async () => {
    const text = 'word '.repeat(900_000)
    const error = await failure(say(hostOf(), { text }))
    expect(error).toMatchObject({ code: 'upstream', source: 'proxy', retryable: false })
    expect(String(error)).toContain(
      'refused the request (RESOURCE_EXHAUSTED: SERVER: Received message larger',
    )
  })

  for (const end of ['cut', 'hangUp'] as const) {
    test(`a connection that ends before any audio (${end}) is the host’s failure`, async () => {
      const before = server.calls.length
      server.behave({ hang: true })
      let time = 0
      const call = failure(say(hostOf({}, { now: () => time })))
      await until(() => server.calls.length > before)
      time = 1_000 // a connection that was stale would have shown it
      server[end]()
      const error = await call
      expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
      expect(String(error)).toContain('broke off before any audio')
    })

    test(`a connection that ends in the middle (${end}) is an error, never an end`, async () => {
      server.behave(SLOW)
      const pcm = await say(hostOf())
      server[end]()
      const error = await failure(all(pcm))
      expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
      expect(String(error)).toContain('broke off its reply')
    })
  }

  test('a connection cut later is an error, never an end', async () => {
    server.behave({ cutAfterMessages: 2, messageBytes: 20_001 })
    const pcm = await say(hostOf())
    const error = await failure(all(pcm))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
    expect(String(error)).toContain('broke off its reply')
  })

  test('a status that is no success after some audio is an error, never an end', async () => {
    server.behave({ failAfterMessages: 1 })
    const error = await failure(say(hostOf()).then(all))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
  })

  test('half a sample at the end is an error, whole samples before it are heard', async () => {
    server.behave({ seconds: 0.5, trailingBytes: 1 })
    const pcm = await say(hostOf())
    expect((await nextOf(pcm))!.length).toBeGreaterThan(0)
    expect(await failure(all(pcm))).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
  })

  test('a reply that ends well and holds nothing is an error', async () => {
    server.behave({ seconds: 0 })
    const error = await failure(say(hostOf()))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
    expect(String(error)).toContain('sent no audio')
  })
})

describe('cosyvoiceGrpc() and its connection', () => {
  test('has one for all calls, and a new one once it has died', async () => {
    await using it = await pair({ maxConc: 100 }, {})
    const several = () => Promise.all(Array.from({ length: 20 }, () => say(it.host).then(all)))
    await several()
    await several()
    expect(it.server.connections).toBe(1)
    for (const end of ['cut', 'hangUp', 'goAway'] as const) {
      it.server[end]()
      for (const heard of await several()) expect(heard).toEqual(heardText())
    }
    expect(it.server.connections).toBe(4)
  })

  test('a connection that was closed while idle is nobody’s fault: it asks once more, and only once', async () => {
    const before = server.calls.length
    server.behave({ hang: true })
    const host = hostOf({}, { now: () => 0 })
    const call = failure(say(host))
    for (let i = 1; i <= 2; i++) {
      await until(() => server.calls.length === before + i)
      server.cut()
    }
    expect(await call).toMatchObject({ code: 'upstream', source: 'host' })
    expect(server.calls.length).toBe(before + 2)
  })

  test('is closed with the host', async () => {
    await using it = await pair({}, {})
    await all(await say(it.host))
    expect(it.server.connected).toBe(1)
    await it.host[Symbol.asyncDispose]()
    await until(() => it.server.connected === 0)
  })

  test('lets running calls end when the host asks to go', async () => {
    await using it = await pair(SLOW, {})
    const pcm = await say(it.host)
    it.server.goAway()
    expect(await all(pcm)).toEqual(heardText())
    expect(await all(await say(it.host))).toEqual(heardText())
  })

  test('nobody there is unavailable, and somebody later is found', async () => {
    const port = await freePort()
    const host = hostOf({ url: `http://127.0.0.1:${port}` })
    expect(await failure(say(host))).toMatchObject({ code: 'unavailable', source: 'host', retryable: true })
    await using _server = await startCosyvoiceGrpcServer({ port, pieceChars: 1 })
    expect(await all(await say(host))).toEqual(heardText())
  })

  test('silence of a host that takes no connection either ends after connectMs, and it is asked anew', async () => {
    const clock = new FakeClock()
    await using mute = await silent()
    const reach = () => new Promise<void>(() => {})
    const host = hostOf({ url: mute.url }, { setTimer: clock.setTimer, reach })
    for (let i = 1; i <= 2; i++) {
      const call = failure(say(host))
      await until(() => mute.connections === i)
      await clock.advance(5_000)
      expect(await call).toMatchObject({ code: 'unavailable', source: 'host', retryable: true })
    }
    expect(clock.timers).toBe(0)
  })

  test('silence of a host that takes connections is waited for; once it is too late, the next call has a new one', async () => {
    const clock = new FakeClock()
    await using mute = await silent()
    const host = hostOf({ url: mute.url }, { setTimer: clock.setTimer, reach: async () => {} })
    for (let i = 1; i <= 2; i++) {
      const caller = new AbortController()
      let settled = false
      const call = failure(say(host, { signal: caller.signal })).finally(() => {
        settled = true
      })
      await until(() => mute.connections === i)
      await clock.advance(100_000)
      expect(settled).toBe(false)
      caller.abort(late())
      expect(await call).toMatchObject({ code: 'timeout' })
    }
    await host[Symbol.asyncDispose]()
  })

  test('a late call leaves the others where they are, and no pile of connections behind', async () => {
    const behave = ({ text }: GrpcFakeCall) => (text === 'Hang.' ? { hang: true } : SLOW)
    await using it = await pair({ maxConc: 100, behave }, {})
    const pcm = await say(it.host)
    for (let i = 1; i <= 4; i++) {
      const caller = new AbortController()
      const call = failure(say(it.host, { text: 'Hang.', signal: caller.signal }))
      await until(() => it.server.calls.length === i + 1)
      caller.abort(late())
      await call
    }
    expect(await all(pcm)).toEqual(heardText())
    expect(it.server.connections).toBe(4)
    await until(() => it.server.connected <= 2)
  })

  test('a silent connection is pinged after keepAliveMs, and dropped when it does not answer', async () => {
    await using mute = await silent()
    const host = hostOf(
      { url: mute.url, keepAliveMs: 1_000, timeouts: { connectMs: 100 } },
      { reach: async () => {} },
    )
    const error = await failure(say(host))
    expect(error).toMatchObject({ code: 'unavailable', source: 'host', retryable: true })
    expect(String(error)).toContain('PING timed out')
  })
})

brokenRecording('cosyvoiceGrpc()', (settings, readFile) => hostOf(settings, readFile && { readFile }))

/** Takes connections and says nothing, not even in HTTP/2. */
async function silent() {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket.on('error', () => {})))
  const port = await listenOn(server)
  return {
    url: `http://127.0.0.1:${port}`,
    get connections() {
      return sockets.length
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Waits until a count stays the same for a while. */
async function quiet(count: () => number): Promise<void> {
  for (let last = -1; last !== count(); ) {
    last = count()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
