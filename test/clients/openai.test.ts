import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import OpenAI, { APIUserAbortError, BadRequestError, InternalServerError } from 'openai'
import { SpeechError } from '../../src/errors.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Signal, Synthesize } from '../../src/speech.ts'
import { hostOf } from '../fakes/host.ts'
import { failingAfter, paced, pcmOf, pulled, square } from '../fakes/samples.ts'
import { type Sotto, startSotto } from '../fakes/sotto.ts'

/** What the host does next; each test sets its own. */
let say: Synthesize
let calls = 0
let sotto: Sotto
let client: OpenAI

beforeAll(async () => {
  const host = hostOf('fake', {
    synthesize: (clause, options) => {
      calls++
      return say(clause, options)
    },
  })
  // What is tried here is the client's part: sotto asks once, and never leaves the host alone.
  const once = { attempts: { tries: 0 }, breaker: { failures: 1_000, minCalls: 1_000 } }
  sotto = await startSotto(once, [host])
  client = new OpenAI({ baseURL: `${sotto.url}/v1`, apiKey: 'none' })
})

afterAll(() => sotto[Symbol.asyncDispose]())

const HELLO = { model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'Hello from the edge.' } as const

/** Waits for what comes over a socket, at most a second. */
async function until(happened: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !happened(); i++) await new Promise((resolve) => setTimeout(resolve, 2))
}

describe('openai', () => {
  test.each([
    ['mp3', (bytes: Uint8Array) => bytes[0] === 0xff && (bytes[1]! & 0xe0) === 0xe0],
    ['opus', (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(0, 4)) === 'OggS'],
    ['flac', (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(0, 4)) === 'fLaC'],
    ['wav', (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(0, 4)) === 'RIFF'],
    ['pcm', (bytes: Uint8Array) => Math.abs(bytes.length / 48_000 - 1) < 0.1],
  ] as const)('gets %s', async (format, looksRight) => {
    say = async () => pcmOf([square(1)])
    const response = await client.audio.speech.create({ ...HELLO, response_format: format })
    expect(looksRight(new Uint8Array(await response.arrayBuffer()))).toBe(true)
  })

  test('hears the first audio before the host has finished', async () => {
    const rest = Promise.withResolvers<void>()
    say = async () => {
      const pcm = pcmOf([square(0.5), square(0.5)])
      return pulled({
        cancel: pcm.cancel,
        async read() {
          if (pcm.pulls() === 1) await rest.promise
          return nextOf(pcm)
        },
      })
    }
    const response = await client.audio.speech.create({ ...HELLO, response_format: 'pcm' })
    const reader = response.body!.getReader()
    expect((await reader.read()).value!.length).toBeGreaterThan(0)
    rest.resolve()
    while (!(await reader.read()).done) {}
  })

  test('gets server-sent events when it asks for them', async () => {
    say = async () => pcmOf([square(1)])
    const response = await client.audio.speech.create({
      ...HELLO,
      response_format: 'pcm',
      stream_format: 'sse',
    })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const events = (await response.text())
      .split('\n\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line.slice(6)))
    expect(events[0].type).toBe('speech.audio.delta')
    expect(events.at(-1)).toMatchObject({ type: 'speech.audio.done', usage: { input_tokens: 20 } })
  })

  test('throws its own error class, with the field, for a voice that nobody has', async () => {
    const failed = await client.audio.speech.create({ ...HELLO, voice: 'nobody' }).catch((thrown) => thrown)
    expect(failed).toBeInstanceOf(BadRequestError)
    expect(failed).toMatchObject({
      status: 400,
      param: 'voice',
      type: 'invalid_request_error',
      code: 'invalid_value',
    })
    expect(failed.message).toContain('"nobody" is not known')
  })

  test('tries three times in all when no host is available', async () => {
    say = () =>
      Promise.reject(
        new SpeechError('Host is away', { code: 'unavailable', source: 'host', retryable: true }),
      )
    calls = 0
    const failed = await client.audio.speech.create(HELLO).catch((thrown) => thrown)
    expect(failed).toBeInstanceOf(InternalServerError)
    expect([failed.status, failed.code, calls]).toEqual([503, 'host_unavailable', 3])
  })

  test('sees a broken stream when the host dies in the middle', async () => {
    const heard = Promise.withResolvers<void>()
    say = async () => failingAfter(square(0.5), heard.promise)
    const response = await client.audio.speech.create({ ...HELLO, response_format: 'pcm' })
    const reader = response.body!.getReader()
    await reader.read()
    heard.resolve()
    const rest = async () => {
      while (!(await reader.read()).done) {}
    }
    await expect(rest()).rejects.toThrow()
  })

  test('ends the host call when it aborts', async () => {
    let ended: Signal | undefined
    let audio = pcmOf([])
    say = async (_, { signal }) => {
      ended = signal
      audio = paced()
      return audio
    }
    const abort = new AbortController()
    const response = await client.audio.speech.create(
      { ...HELLO, response_format: 'pcm' },
      { signal: abort.signal },
    )
    await response.body!.getReader().read()
    abort.abort()
    await until(() => ended?.aborted === true && audio.cancelled() !== undefined)
    expect(ended?.aborted).toBe(true)
    expect(audio.cancelled()).toBeDefined()
  })

  test('stops waiting when it aborts before the first audio', async () => {
    const started = Promise.withResolvers<Signal>()
    say = (_, { signal }) => {
      started.resolve(signal)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    const abort = new AbortController()
    const waiting = client.audio.speech.create(HELLO, { signal: abort.signal }).catch((thrown) => thrown)
    const signal = await started.promise
    abort.abort()
    expect(await waiting).toBeInstanceOf(APIUserAbortError)
    await until(() => signal.aborted)
    expect(signal.aborted).toBe(true)
  })

  test('lists models', async () => {
    const ids = []
    for await (const { id } of client.models.list()) ids.push(id)
    expect(ids).toContain('tts-1')
  })
})
