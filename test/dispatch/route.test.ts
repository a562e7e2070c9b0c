import { describe, expect, spyOn, test } from 'bun:test'
import { queueConfig } from '../../src/dispatch/config.ts'
import { createRoute, gaugesOf, LONGEST_PAUSE_MS, type RouteOptions } from '../../src/dispatch/route.ts'
import { SpeechError } from '../../src/errors.ts'
import { type BreakerConfig, breakerConfig } from '../../src/guard/config.ts'
import type { Clause, Pcm } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { hostOf } from '../fakes/host.ts'
import { pcmOf, piecesOf, square } from '../fakes/samples.ts'

const options = (rest: Partial<RouteOptions> = {}): RouteOptions => ({
  queue: queueConfig.parse({}),
  breaker: breakerConfig.parse({}),
  ...rest,
})
const live = () => new AbortController().signal
const upstream = (retryAfterMs?: number) =>
  new SpeechError('no', { code: 'upstream', source: 'host', retryable: true, retryAfterMs })

async function heard(pcm: Pcm): Promise<number> {
  let count = 0
  for await (const samples of piecesOf(pcm)) count += samples.length
  return count
}

describe('createRoute()', () => {
  test('holds a place until the audio has ended', async () => {
    const route = createRoute(hostOf('gpu', { slots: 2 }), options())
    const pcm = await route.synthesize(clauseOf('Hello.'), { signal: live() })
    expect(gaugesOf(route)).toMatchObject({ host: 'gpu', size: 2, taken: 1, waiting: 0, breaker: 'closed' })
    expect(await heard(pcm)).toBe(36_000)
    expect(route.lane.taken).toBe(0)
  })

  test('refuses audio that cannot be right, and a host that is late', async () => {
    const silent = hostOf('silent', { synthesize: async () => pcmOf([new Int16Array(48_000)]) })
    const silence = createRoute(silent, options()).synthesize(clauseOf('Hello.'), { signal: live() })
    await expect(silence).rejects.toThrow('cannot be right')
    const late = hostOf('late', { synthesize: () => new Promise(() => {}) })
    const timeouts = { firstAudioMs: 1, perCharMs: 1 }
    const call = createRoute(late, options({ timeouts })).synthesize(clauseOf('Hi.'), { signal: live() })
    await expect(call).rejects.toMatchObject({ code: 'timeout' })
  })

  test.each([
    ['clauses', { maxRequests: 16 }],
    ['characters', { maxChars: 400 }],
  ])('is full when its queue refuses a speech for its %s', async (_, bounds) => {
    const host = hostOf('gpu', { slots: 1, synthesize: () => new Promise(() => {}) })
    const queue = queueConfig.parse({ ...bounds, maxWaitMs: 3_600_000 })
    const route = createRoute(host, options({ queue }))
    let [accepted, refused] = [0, false]
    const leave = new AbortController()
    while (!refused) {
      const wasFull = route.isFull
      const call = route.synthesize(clauseOf('One sentence as others are.'), { signal: leave.signal })
      call.catch((thrown) => (refused = thrown.code === 'overloaded'))
      await settle()
      expect(wasFull).toBe(refused)
      accepted++
    }
    expect(accepted).toBeGreaterThan(5)
    leave.abort()
    await settle()
    expect(route.isFull).toBe(false)
  })

  test('sends what waits elsewhere once the host is left alone', async () => {
    let fail = () => {}
    const stuck = new Promise<never>((_, reject) => (fail = () => reject(upstream())))
    const host = hostOf('gpu', { slots: 3, synthesize: () => stuck })
    const once = { breaker: breakerConfig.parse({ failures: 1 }) }
    const { synthesize, breaker, lane } = createRoute(host, options(once))
    const calls = Array.from({ length: 3 }, (_, i) => synthesize(clauseOf(`${i}`), { signal: live() }))
    const settled = Promise.allSettled(calls)
    const waiting = synthesize(clauseOf('Waits.'), { signal: live() })
    fail()
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable', source: 'proxy', retryable: true })
    await settled
    expect([breaker.state, lane.waiting]).toEqual(['open', 0])
  })

  test('sends what waits for its turn elsewhere at once when the host is left alone', async () => {
    const host = hostOf('gpu', { slots: 2, synthesize: () => Promise.reject(upstream()) })
    const once = { breaker: breakerConfig.parse({ failures: 1 }), maxRequestsPerSecond: 0.001 }
    const { synthesize } = createRoute(host, options(once))
    const calls = ['Fails.', 'Waits.'].map((text) => synthesize(clauseOf(text), { signal: live() }))
    expect(await Promise.allSettled(calls)).toMatchObject([
      { reason: { code: 'upstream', source: 'host' } },
      { reason: { code: 'unavailable', source: 'proxy', retryable: true } },
    ])
  })

  test('has the others wait on when only a voice is left alone', async () => {
    const failing = Promise.withResolvers<never>()
    const host = hostOf('gpu', {
      slots: 1,
      voices: ['v', 'w'],
      synthesize: async ({ voice }) => (voice === 'v' ? failing.promise : pcmOf([square(1.5)])),
    })
    const once = { breaker: breakerConfig.parse({ failures: 1 }) }
    const { synthesize, breaker } = createRoute(host, options(once))
    const call = synthesize(clauseOf('Fails.'), { signal: live() }).catch((thrown) => thrown)
    const waiting = synthesize(clauseOf('Waits.', { voice: 'w' }), { signal: live() })
    const error = { code: 'upstream', source: 'host', retryable: true, scope: 'voice' } as const
    failing.reject(new SpeechError('no', error))
    expect(await heard(await waiting)).toBe(36_000)
    expect(await call).toMatchObject({ scope: 'voice' })
    expect([breaker.isLeftAlone('v'), breaker.isLeftAlone('w')]).toEqual([true, false])
  })

  test.each([
    ['sends what waits elsewhere when the host wants a longer pause than is waited for', 1, 0],
    ['has what waits wait on when the host wants a pause that is waited for', 0, 1],
  ])('%s', async (_, longer, left) => {
    const retryAfterMs = LONGEST_PAUSE_MS + longer
    const failing = Promise.withResolvers<never>()
    const host = hostOf('gpu', { slots: 1, synthesize: () => failing.promise })
    const { synthesize, lane } = createRoute(host, options())
    const caller = new AbortController()
    const calls = ['Fails.', 'Waits.'].map((text) => synthesize(clauseOf(text), { signal: caller.signal }))
    const ends = Promise.allSettled(calls)
    failing.reject(upstream(retryAfterMs))
    await settle()
    expect(lane.waiting).toBe(left)
    const reason = new Error('left')
    caller.abort(reason)
    const sent = { code: 'unavailable', source: 'proxy', retryable: true, retryAfterMs }
    expect((await ends)[1]).toMatchObject({ reason: left === 0 ? sent : reason })
  })

  test('pauses for as long as the host asks', async () => {
    let calls = 0
    const host = hostOf('gpu', {
      synthesize: async () => {
        calls++
        throw upstream(2_000)
      },
    })
    const { synthesize, lane } = createRoute(host, options())
    await synthesize(clauseOf('Hello.'), { signal: live() }).catch(() => {})
    const caller = new AbortController()
    const paused = synthesize(clauseOf('Hello.'), { signal: caller.signal }).catch(() => 'left')
    await settle()
    expect([calls, lane.waiting]).toEqual([1, 1])
    caller.abort()
    expect(await paused).toBe('left')
  })

  test('has a host that takes many clauses say them in one call', async () => {
    const sizes: number[] = []
    const batch = {
      max: 8,
      preferred: [],
      maxDelayMs: 0,
      synthesize: async (clauses: readonly Clause[]) => clauses.map(() => pcmOf([square(1.5)])),
    }
    const route = createRoute(
      { ...hostOf('gpu', { slots: 1 }), batch },
      options({ onBatch: (n) => sizes.push(n) }),
    )
    const calls = ['a', 'b', 'c'].map((text) => route.synthesize(clauseOf(text), { signal: live() }))
    for (const call of calls) expect(await heard(await call)).toBe(36_000)
    expect(sizes).toEqual([3])
  })
})

describe('createRoute() leaves a host alone', () => {
  /** A route whose host fails when it is told to, in time that passes when it is told to. */
  function patient(breaker: Partial<BreakerConfig>) {
    const clock = new FakeClock()
    const spy = spyOn(performance, 'now').mockImplementation(clock.now)
    const host = hostOf('gpu', {
      synthesize: async ({ text }) => {
        if (text.startsWith('Bad')) throw upstream()
        return pcmOf([square(1.5)])
      },
    })
    const config = { failures: 1_000, minCalls: 4, ...breaker }
    const route = createRoute(host, options({ breaker: breakerConfig.parse(config) }))
    let number = 0
    return {
      clock,
      get state() {
        return route.breaker.state
      },
      async say(...texts: readonly string[]) {
        for (const text of texts) {
          const call = route.synthesize(clauseOf(`${text} ${number++}.`), { signal: live() })
          await call.then(heard).catch(() => {})
        }
      },
      [Symbol.dispose]: () => spy.mockRestore(),
    }
  }

  test('at the share of failures that is configured', async () => {
    using route = patient({ failureShare: 0.75 })
    await route.say('Good', 'Bad', 'Bad', 'Good', 'Bad') // three of five
    expect(route.state).toBe('closed')
    await route.say('Bad', 'Bad', 'Bad') // six of eight
    expect(route.state).toBe('open')
  })

  test('from the number of calls on that is configured', async () => {
    using route = patient({ minCalls: 5 })
    await route.say('Bad', 'Bad', 'Bad', 'Bad')
    expect(route.state).toBe('closed')
    await route.say('Bad')
    expect(route.state).toBe('open')
  })

  test.each([
    [20, 'closed'],
    [60, 'open'],
  ] as const)('by the failures of the last %i seconds', async (windowSeconds, state) => {
    using route = patient({ windowSeconds })
    await route.say('Bad', 'Bad')
    await route.clock.advance(40_000)
    await route.say('Bad', 'Bad')
    expect(route.state).toBe(state)
  })

  test('for as long as is configured', async () => {
    using route = patient({ openSeconds: 5 })
    await route.say('Bad', 'Bad', 'Bad', 'Bad')
    await route.clock.advance(4_999)
    expect(route.state).toBe('open')
    await route.clock.advance(1)
    expect(route.state).toBe('half-open')
  })
})

describe('createRoute() with auto slots', () => {
  test.each([1, 2, 200])('begins within %i connections', (maxConnections) => {
    const { lane } = createRoute(hostOf('gpu', { slots: 'auto' }), options({ maxConnections }))
    expect(lane.size).toBe(Math.min(4, maxConnections))
  })

  test('does not stay with its first size, but goes by how long calls take', async () => {
    const host = hostOf('gpu', {
      slots: 'auto',
      synthesize: async () => {
        await new Promise((resolve) => setTimeout(resolve, 2))
        return pcmOf([square(1.5)])
      },
    })
    const { synthesize, lane } = createRoute(host, options({ maxConnections: 40 }))
    const ask = async (i: number) => heard(await synthesize(clauseOf(`Text ${i}.`), { signal: live() }))
    for (let round = 0; round < 100 && lane.size === 4; round++) {
      await Promise.all(Array.from({ length: 40 }, (_, i) => ask(i)))
    }
    expect(lane.size).not.toBe(4)
  })
})

test.each([
  [undefined, 64],
  [10, 10],
  [100, 64],
])('createRoute() gives a host its slots, within %p connections', (maxConnections, size) => {
  const { lane } = createRoute(hostOf('gpu', { slots: 64 }), options({ maxConnections }))
  expect(lane.size).toBe(size)
})
