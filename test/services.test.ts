import { describe, expect, test } from 'bun:test'
import { parseConfig } from '../src/config.ts'
import { SpeechError } from '../src/errors.ts'
import { ring } from '../src/pcm/ring.ts'
import { nextOf } from '../src/pcm/supply.ts'
import { createServices, type Services } from '../src/services.ts'
import type { CallEvent, Clause, Host, Speech } from '../src/speech.ts'
import { startBatchServer } from './fakes/batch-server.ts'
import { settle } from './fakes/clock.ts'
import { hostOf } from './fakes/host.ts'
import { pcmOf, pulled, square } from './fakes/samples.ts'
import { scrape } from './telemetry/scrape.ts'

const speechOf = (rest: Partial<Speech> = {}): Speech => ({
  id: 'r1',
  text: 'Hello there. How are you?',
  voice: 'v',
  speed: 1,
  format: 'pcm',
  sampleRate: 24_000,
  lexicon: [],
  ...rest,
})
const live = () => new AbortController().signal
const dead = (id: string) =>
  hostOf(id, {
    synthesize: () =>
      Promise.reject(new SpeechError('dead', { code: 'unavailable', source: 'host', retryable: true })),
  })
const spare = () => hostOf('spare', { fallback: true, voices: ['auto'] })

async function started(hosts: readonly Host[], config: object = {}, tell?: (event: CallEvent) => void) {
  const services = createServices(parseConfig({ attempts: { baseMs: 1, maxMs: 1 }, ...config }), {
    hosts,
    ...(tell && { tell }),
  })
  await services.router.settled
  return services
}

const say = async (services: Services, speech: Partial<Speech> = {}) => {
  const reply = await services.speak(speechOf(speech), { signal: live() })
  const bytes = await new Response(ring(reply.audio, reply)).arrayBuffer()
  return { bytes: bytes.byteLength, degradedTo: reply.degradedTo, seconds: reply.seconds }
}

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 1))
}

describe('createServices()', () => {
  test('has one budget for the retries of all requests', async () => {
    let calls = 0
    const host = hostOf('gpu', {
      synthesize: () => {
        calls++
        return Promise.reject(new SpeechError('no', { code: 'upstream', source: 'host', retryable: true }))
      },
    })
    const attempts = { baseMs: 1, maxMs: 1, tries: 2, budgetShare: 0, budgetPerSecond: 0.2 } // two in its 10 s
    await using services = await started([host], { attempts, breaker: { failures: 100, minCalls: 1_000 } })
    for (const text of ['One.', 'Two.', 'Three.']) await say(services, { text }).catch(() => {})
    expect(calls).toBe(5)
  })

  test('asks a second host beside a slow one where that is switched on', async () => {
    for (const enabled of [true, false]) {
      let [asked, isSlow] = [0, false]
      const host = (id: string) =>
        hostOf(id, {
          synthesize: async () => {
            asked++
            if (isSlow) await new Promise((resolve) => setTimeout(resolve, 300))
            return pcmOf([square(1.5)])
          },
        })
      await using services = await started([host('a'), host('b')], { hedge: { enabled, minMs: 20 } })
      for (let i = 0; i < 100; i++) await say(services, { text: `Text ${i}.` }) // so that both are known
      isSlow = true
      await say(services, { text: 'The last.' })
      expect(asked).toBe(enabled ? 102 : 101)
    }
  })

  test('says a shared clause as soon as the most urgent who has joined asks for', async () => {
    const said: string[] = []
    const held = Promise.withResolvers<void>()
    const host = hostOf('gpu', {
      slots: 1,
      synthesize: async ({ text }) => {
        said.push(text)
        if (text === 'Held.') await held.promise
        return pcmOf([square(1.5)])
      },
    })
    await using services = await started([host])
    const all = ['Held.', 'Other.', 'Shared.'].map((text) => say(services, { text }))
    await settle()
    all.push(say(services, { text: 'Shared.', priority: 9 }))
    await settle()
    held.resolve()
    await Promise.all(all)
    expect(said).toEqual(['Held.', 'Shared.', 'Other.'])
  })

  test('keeps a reply on one host', async () => {
    const asked: string[] = []
    const host = (id: string) =>
      hostOf(id, {
        synthesize: async () => {
          asked.push(id)
          return pcmOf([square(1.5)])
        },
      })
    await using services = await started([host('a'), host('b'), host('c')])
    const text = 'This is the first sentence. This is the second sentence. This is the third sentence.'
    await say(services, { text })
    expect(new Set(asked).size).toBe(1)
    expect(asked.length).toBeGreaterThan(2)
  })

  test('holds nothing of a call that has ended while its audio waits for the listener', async () => {
    const calls: WeakRef<object>[] = []
    const host = hostOf('a', {
      synthesize: async () => {
        const pcm = pcmOf([square(1.5)])
        calls.push(new WeakRef(pcm))
        return pcm
      },
    })
    await using services = await started([host])
    for (const share of [true, false]) {
      const reply = await services.speak(speechOf({ share }), { signal: live() })
      const stream = ring(reply.audio, reply)
      await turns(20)
      Bun.gc(true)
      expect(calls.splice(0).map((call) => call.deref())).toEqual([undefined, undefined])
      await stream.cancel()
    }
  })

  test('goes to another host when one is dead, and nobody notices', async () => {
    const events: CallEvent[] = []
    await using services = await started([dead('a'), hostOf('b')], {}, (event) => events.push(event))
    for (let i = 0; i < 40; i++) {
      expect(await say(services, { id: `${i}`, share: false })).toMatchObject({ degradedTo: undefined })
    }
    expect(events.some(({ type }) => type === 'retried')).toBe(true)
  })

  test('has the fallback stand in when no host can speak, and says so', async () => {
    await using services = await started([dead('gpu'), spare()])
    const { bytes, degradedTo, seconds } = await say(services)
    expect(degradedTo).toBe('spare')
    expect(bytes).toBe(seconds * 48_000)
  })

  test.each([
    ['once for all who ask for the same', {}, 1],
    ['for each who shares nothing', { share: false }, 3],
  ])('has the fallback stand in %s', async (_, speech, calls) => {
    let asked = 0
    const synthesize: Host['synthesize'] = async () => {
      asked++
      await new Promise((resolve) => setTimeout(resolve, 20))
      return pcmOf([square(1.5)])
    }
    const spare = hostOf('spare', { fallback: true, voices: ['auto'], synthesize })
    await using services = await started([dead('gpu'), spare])
    const text = 'This is one sentence.'
    const replies = [1, 2, 3].map((id) => say(services, { id: `${id}`, text, ...speech }))
    expect((await Promise.all(replies)).map(({ degradedTo }) => degradedTo)).toEqual([
      'spare',
      'spare',
      'spare',
    ])
    expect(asked).toBe(calls)
  })

  test('has it stand in as well for a host that is left alone', async () => {
    let calls = 0
    const gpu = hostOf('gpu', {
      synthesize: () => {
        calls++
        throw new SpeechError('dead', { code: 'unavailable', source: 'host', retryable: true })
      },
    })
    await using services = await started([gpu, spare()], { attempts: { tries: 0 }, breaker: { failures: 1 } })
    const text = 'Hello there, my dear friend.'
    for (const _ of [1, 2, 3]) expect(await say(services, { text })).toMatchObject({ degradedTo: 'spare' })
    expect(calls).toBe(1)
    await expect(say(services, { degrade: false })).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterMs: expect.any(Number),
    })
  })

  test('has the next fallback stand in for one that cannot either, and names it', async () => {
    const north = { ...dead('north'), voices: spare().voices, has: spare().has, fallback: true }
    await using services = await started([dead('gpu'), north, spare()], { breaker: { failures: 2 } })
    const text = 'This is the first sentence of all. This is the second sentence of all.'
    for (const id of ['1', '2', '3'])
      expect(await say(services, { id, text })).toMatchObject({ degradedTo: 'spare' })
    const value = await scrape(services.metrics)
    const degraded = (host: string) => value('sotto_degraded_total', { host })
    expect([degraded('north'), degraded('spare')]).toEqual([0, 6])
    const failed = value('sotto_host_calls_total', { host: 'north', outcome: 'failed' })
    expect(failed).toBe(2) // then it is left alone
  })

  test('lets a reply that tries a host anew go on with it while its first clause is being said', async () => {
    let isDead = true
    const heard = Promise.withResolvers<void>()
    const gpu = hostOf('gpu', {
      synthesize: async ({ index }) => {
        if (isDead) throw new SpeechError('dead', { code: 'unavailable', source: 'host', retryable: true })
        if (index > 0) heard.resolve()
        const pcm = pcmOf(index === 0 ? [square(3), square(0.1)] : [square(1.5)])
        let reads = 0
        return pulled({
          read: () => (index === 0 && reads++ > 0 ? heard.promise.then(() => nextOf(pcm)) : nextOf(pcm)),
        })
      },
    })
    const config = {
      attempts: { tries: 0 },
      breaker: { failures: 1, openSeconds: 0.1 },
      audio: { lookaheadSeconds: 1 },
    }
    await using services = await started([gpu], config)
    const text = 'This is the first sentence of all. This is the second sentence of all.'
    await expect(say(services, { text })).rejects.toMatchObject({ code: 'unavailable' })
    isDead = false
    while (services.router.routes[0]?.breaker.state !== 'half-open') await settle()
    expect((await say(services, { text })).seconds).toBeGreaterThan(4.5)
  })

  test.each([
    ['the request', {}, { degrade: false }],
    ['the config', { degrade: 'never' }, {}],
  ])('does not when %s forbids it', async (_, config, speech) => {
    await using services = await started([dead('gpu'), spare()], config)
    await expect(say(services, speech)).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('says equal clauses of callers at the same time once, unless they want none shared', async () => {
    for (const [share, times] of [
      [true, 1],
      [false, 5],
    ] as const) {
      let calls = 0
      const host = hostOf('gpu', {
        slots: 9,
        synthesize: async () => {
          calls++
          await settle()
          return pcmOf([square(1.5)])
        },
      })
      await using services = await started([host])
      const text = 'Hello there, my dear friend.'
      const replies = await Promise.all(
        Array.from({ length: 5 }, (_, i) => say(services, { id: `${i}`, text, share })),
      )
      expect(new Set(replies.map(({ bytes }) => bytes)).size).toBe(1)
      expect(calls).toBe(times)
    }
  })

  test('asks again for a later clause that breaks off unheard, and counts that as a retry of its host', async () => {
    const tries = new Map<string, number>()
    const synthesize = async ({ spoken, index }: Clause) => {
      const count = (tries.get(spoken) ?? 0) + 1
      tries.set(spoken, count)
      const fails = new SpeechError('cut', { code: 'upstream', source: 'host', retryable: true })
      return pcmOf([square(1.5)], index === 1 && count === 1 ? { fails } : {})
    }
    const events: CallEvent[] = []
    await using services = await started([hostOf('gpu', { synthesize })], {}, (event) => events.push(event))
    const text = 'This is the first sentence of all. This is the second sentence of all.'
    const { seconds } = await say(services, { text })
    expect(seconds).toBeGreaterThan(2.9)
    expect([...tries.values()]).toEqual([1, 2])
    expect(events.filter(({ type }) => type === 'retried')).toMatchObject([
      { host: 'gpu', error: { code: 'upstream' } },
    ])
    const value = await scrape(services.metrics)
    expect(value('sotto_retries_total', { host: 'gpu', code: 'upstream' })).toBe(1)
  })

  test('counts the deadline for the first clause only', async () => {
    const deadlines: boolean[] = []
    const synthesize: Host['synthesize'] = async (_, { claim }) => {
      deadlines.push(claim?.deadlineAt !== undefined)
      return pcmOf([square(1.5)])
    }
    await using services = await started([hostOf('gpu', { synthesize })])
    const text = 'This is the first sentence of all. This is the second sentence of all.'
    await say(services, { text, deadlineAt: performance.now() + 60_000 })
    expect(deadlines).toEqual([true, false])
  })

  test('counts how many clauses each call of a batch host has', async () => {
    await using server = await startBatchServer()
    const gpu = { id: 'gpu', kind: 'batch', url: server.url, voices: [{ id: 'v' }] }
    await using services = createServices(parseConfig({ hosts: [gpu] }))
    await Promise.all(['One.', 'Two.', 'Three.', 'Four.'].map((text) => say(services, { text })))
    const value = await scrape(services.metrics)
    const host = 'gpu'
    expect(value('sotto_batch_size_sum', { host })).toBe(4)
    expect(value('sotto_batch_size_count', { host })).toBe(server.calls.length)
  })

  test('gives each address of a host’s name a route of its own', async () => {
    const config = parseConfig({
      hosts: [
        { id: 'gpu', kind: 'openai', url: 'http://voices.test:8000', model: 'm', voices: [{ id: 'v' }] },
        { id: 'local', kind: 'embedded', fallback: true },
      ],
    })
    const lookup = async () => ['10.0.0.1', '10.0.0.2']
    await using services = createServices(config, { lookup })
    const ids = () => services.router.routes.map(({ host }) => host.id)
    expect(ids()).toEqual(['gpu', 'local'])
    await settle()
    expect(ids().sort()).toEqual(['gpu@10.0.0.1', 'gpu@10.0.0.2', 'local'])
    expect(services.hosts.map(({ id }) => id)).toEqual(['gpu', 'local'])
  })
})
