import { describe, expect, test } from 'bun:test'
import { batch } from '../../src/hosts/batch.ts'
import { batchConfig } from '../../src/hosts/batch-config.ts'
import type { PostDeps } from '../../src/hosts/http/post.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Host, Pcm, Samples } from '../../src/speech.ts'
import { type BatchServer, type BatchShape, startBatchServer } from '../fakes/batch-server.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock } from '../fakes/clock.ts'
import { bytesOf, heardOf } from '../fakes/cosyvoice-voice.ts'
import { all, failure } from './contract.ts'
import { GONE } from './reasons.ts'
import { until } from './until.ts'

const TEXTS = ['Hello there.', 'How are you?', 'I am well, thank you very much.']
const heard = (text: string): Samples => heardOf(text, { rate: 24_000 })

const hostOf = (url: string, settings: object = {}, deps?: Partial<PostDeps>): Host =>
  batch(
    batchConfig.parse({
      id: 'gpu-1',
      kind: 'batch',
      url: `${url}/batch`,
      voices: [{ id: 'v' }],
      ...settings,
    }),
    deps,
  )

const signal = new AbortController().signal
const sayAll = (host: Host, texts = TEXTS, rest: object = {}, options = { signal }) =>
  host.batch!.synthesize(
    texts.map((text) => clauseOf(text, rest)),
    options,
  )

/** Each result's samples, or its error's words. */
const outcomes = (results: readonly (Pcm | Error)[]) =>
  Promise.all(results.map((result) => (result instanceof Error ? result.message : all(result))))

/** What a host sends for some settings and a manner. */
async function sentBy(settings: object, manner: object = {}) {
  let sent: unknown
  const fetch: PostDeps['fetch'] = async (url, { body }) => {
    sent = { url: url.href, body: JSON.parse(await new Response(body as Blob).text()) }
    const audio = Buffer.from(bytesOf(heard('Hi.'))).toString('base64')
    return Response.json([audio])
  }
  const [pcm] = await sayAll(hostOf('http://h', settings, { fetch }), ['Hi.'], manner)
  return { sent, pcm: pcm as Pcm }
}

describe('batch()', () => {
  test.each(['strings', 'objects', 'results', 'out-of-order', 'multipart', 'form-data'] as BatchShape[])(
    'gives each text its own audio in order (%s), wherever the bytes were cut',
    async (shape) => {
      for (const format of ['wav', 'pcm'] as const) {
        await using server = await startBatchServer({ shape, format, chunkBytes: 4_097 })
        const results = await sayAll(hostOf(server.url))
        expect(await outcomes(results)).toEqual(TEXTS.map(heard))
        expect(server.calls).toHaveLength(1)
        expect(server.calls[0]).toMatchObject({ path: '/batch', body: { texts: TEXTS, voice: 'v' } })
      }
    },
  )

  test('takes 64 texts at once', async () => {
    await using server = await startBatchServer()
    const texts = Array.from({ length: 64 }, (_, i) => `Number ${i}.`)
    expect(await outcomes(await sayAll(hostOf(server.url), texts))).toEqual(texts.map(heard))
  })

  test('says a single clause as a batch of one', async () => {
    await using server = await startBatchServer({ fails: (text) => text.startsWith('How') })
    const host = hostOf(server.url)
    expect(await all(await host.synthesize(clauseOf(TEXTS[0]!), { signal }))).toEqual(heard(TEXTS[0]!))
    const error = await failure(host.synthesize(clauseOf(TEXTS[1]!), { signal }))
    expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
  })

  test('tells how it likes its batches', () => {
    const { batch: usual, slots } = hostOf('http://h')
    expect(usual).toMatchObject({ max: 64, preferred: [8, 16, 32, 64], maxDelayMs: 30 })
    expect(slots).toBe(2)
    const small = hostOf('http://h', { maxBatch: 16, maxBatchDelayMs: 5, slots: 1 })
    expect(small.batch).toMatchObject({ max: 16, preferred: [8, 16], maxDelayMs: 5 })
    expect(small.slots).toBe(1)
  })

  test('names the fields as the host does, with the voice’s own manner where the clause has none', async () => {
    const fields = { texts: 'inputs', voice: 'speaker', speed: 'rate', seed: 'random', instructions: 'style' }
    const voices = [{ id: 'v', name: 'anna', seed: 3, instructions: 'Calm.' }]
    const { sent, pcm } = await sentBy(
      { url: 'http://h/x/y?z=1', fields, voices, speed: true, extra: { format: 'wav' } },
      { speed: 1.5 },
    )
    const body = { inputs: ['Hi.'], speaker: 'anna', rate: 1.5, random: 3, style: 'Calm.', format: 'wav' }
    expect(sent).toEqual({ url: 'http://h/x/y?z=1', body })
    expect(pcm.speed).toBe(1.5)
  })

  test('leaves the pace to sotto, and what is not set unsaid', async () => {
    const { sent, pcm } = await sentBy({}, { speed: 1.5 })
    expect(sent).toEqual({ url: 'http://h/batch', body: { texts: ['Hi.'], voice: 'v' } })
    expect(pcm.speed).toBe(1)
  })

  test('one failed text fails alone', async () => {
    for (const shape of ['objects', 'multipart'] as const) {
      await using server = await startBatchServer({ shape, fails: (text) => text.startsWith('How') })
      const results = await sayAll(hostOf(server.url))
      const said = await outcomes(results)
      expect(said).toEqual([heard(TEXTS[0]!), 'Host "gpu-1" failed', heard(TEXTS[2]!)])
      expect(results[1]).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
    }
  })

  test('who shares a call hears nothing of the others’ texts, be they written in another way', async () => {
    const fails = (text: string) => (text.startsWith('How') ? `cannot say ${TEXTS[0]!.toUpperCase()}` : false)
    await using server = await startBatchServer({ fails })
    const [, failed] = await sayAll(hostOf(server.url))
    expect((failed as Error).message).toBe('Host "gpu-1" failed')
  })

  test('a text without anything to say fails alone, and is not sent', async () => {
    await using server = await startBatchServer()
    const results = await sayAll(hostOf(server.url), ['One.', '…', 'Two.'])
    expect(results[1]).toMatchObject({ code: 'invalid', source: 'client' })
    expect((await outcomes(results)).filter((said) => typeof said !== 'string')).toEqual([
      heard('One.'),
      heard('Two.'),
    ])
    expect(server.calls[0]!.body.texts).toEqual(['One.', 'Two.'])
    await sayAll(hostOf(server.url), ['…', '!'])
    expect(server.calls).toHaveLength(1)
  })

  test.each([-1, 1])('%i results more than texts fail the whole call', async (surplus) => {
    for (const shape of ['strings', 'multipart'] as const) {
      await using server = await startBatchServer({ shape, surplus })
      const error = await failure(sayAll(hostOf(server.url)))
      expect(error).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
    }
  })

  test('refuses clauses that do not go in one call', async () => {
    const host = hostOf('http://h', { maxBatch: 2 })
    const mixed = [clauseOf('a'), clauseOf('b', { speed: 2 })]
    for (const clauses of [[], mixed, [clauseOf('a'), clauseOf('b'), clauseOf('c')]]) {
      const error = await failure(host.batch!.synthesize(clauses, { signal }))
      expect(error).toMatchObject({ code: 'internal', source: 'proxy', retryable: false })
    }
  })

  test('an unknown voice is the caller’s mistake', async () => {
    expect(await failure(sayAll(hostOf('http://h'), TEXTS, { voice: 'x' }))).toMatchObject({
      code: 'not-found',
    })
  })
})

describe('batch() when its host fails', () => {
  const refused = async (server: BatchServer, settings: object = {}) =>
    failure(sayAll(hostOf(server.url, settings)))

  test('a reply cut anywhere fails the whole call', async () => {
    for (const shape of ['objects', 'multipart'] as const) {
      for (const cutAfterBytes of [1, 3_000, 100_000]) {
        await using server = await startBatchServer({ shape, cutAfterBytes })
        expect(await refused(server)).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
      }
    }
  })

  test('says in the host’s words what was wrong with a request of one text', async () => {
    await using server = await startBatchServer({ maxBatch: 2 })
    const tooMany = await refused(server)
    expect(tooMany).toMatchObject({ code: 'upstream', retryable: false, scope: 'voice' })
    expect(String(tooMany)).toContain('(422)')
    const host = hostOf(server.url, { voices: [{ id: 'v', name: 'x' }] })
    const nobody = await failure(sayAll(host, ['One.']))
    expect(String(nobody)).toContain('(404: no such voice)')
  })

  test('a busy host is asked again when it says', async () => {
    await using server = await startBatchServer({ refuse: { status: 429, headers: { 'retry-after': '3' } } })
    expect(await refused(server)).toMatchObject({ code: 'unavailable', retryable: true, retryAfterMs: 3_000 })
  })

  test('does not hold more of a reply than it should', async () => {
    const body = () =>
      new ReadableStream(
        { pull: (controller) => controller.enqueue(new Uint8Array(16_000_000)) },
        { highWaterMark: 0 },
      )
    const fetch = async () => new Response(body(), { headers: { 'content-type': 'application/json' } })
    const error = await failure(sayAll(hostOf('http://h', {}, { fetch })))
    expect(String(error)).toContain('sent a reply of over 128000000 bytes')
  })

  test('a result that was cancelled gives nothing more', async () => {
    await using server = await startBatchServer()
    const [pcm] = (await sayAll(hostOf(server.url))) as Pcm[]
    await nextOf(pcm!)
    await pcm!.cancel(GONE)
    expect(await nextOf(pcm!)).toBeUndefined()
  })
})

describe('batch() when its caller leaves', () => {
  test.each(['drain', 'abort'] as const)(
    'settles when the host is free (%s), and leaves no timer',
    async (onAbandon) => {
      const clock = new FakeClock()
      await using server = await startBatchServer({ fixedMs: 60 })
      const host = hostOf(server.url, { onAbandon }, { setTimer: clock.setTimer })
      const caller = new AbortController()
      const call = failure(sayAll(host, TEXTS, {}, { signal: caller.signal }))
      await until(() => server.running > 0)
      caller.abort(GONE)
      expect(await call).toBe(GONE)
      if (onAbandon === 'abort') await until(() => server.calls[0]!.aborted)
      else await until(() => server.calls[0]!.finished && server.running === 0)
      expect(clock.timers).toBe(0)
    },
  )

  test('is not served when it had left before', async () => {
    const host = hostOf('http://127.0.0.1:1')
    expect(await failure(sayAll(host, TEXTS, {}, { signal: AbortSignal.abort(GONE) }))).toBe(GONE)
  })
})

describe('batchConfig', () => {
  const given = { id: 'h', kind: 'batch', url: 'http://h/batch', voices: [{ id: 'v' }] }

  test('fills in what is not said', () => {
    expect(batchConfig.parse(given)).toMatchObject({
      slots: 2,
      maxBatch: 64,
      maxBatchDelayMs: 30,
      preferredBatchSizes: [8, 16, 32, 64],
      fields: { texts: 'texts', voice: 'voice', speed: 'speed', seed: 'seed', instructions: 'instructions' },
      sampleRate: 24_000,
      speed: false,
      onAbandon: 'drain',
    })
  })

  test.each([
    [{ maxBatch: 65 }, 'maxBatch'],
    [{ extra: { texts: [] } }, 'extra.texts'],
    [{ fields: { texts: 'x' }, extra: { x: 1 } }, 'extra.x'],
    [{ fields: { text: 'x' } }, 'fields'],
    [{ voices: [{ id: 'v' }, { id: 'v' }] }, 'voices.1.id'],
  ])('refuses %o', (settings, path) => {
    const issues = batchConfig.safeParse({ ...given, ...settings }).error?.issues ?? []
    expect(issues.map((issue) => issue.path.join('.'))).toEqual([path])
  })
})
