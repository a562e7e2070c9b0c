import { describe, expect, test } from 'bun:test'
import { queueConfig } from '../../src/dispatch/config.ts'
import { Presence } from '../../src/dispatch/presence.ts'
import { createRoute, type Route } from '../../src/dispatch/route.ts'
import { Router } from '../../src/dispatch/router.ts'
import { SpeechError } from '../../src/errors.ts'
import type { AwaitBackOptions } from '../../src/guard/coming-back.ts'
import { breakerConfig } from '../../src/guard/config.ts'
import type { Host } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { hostOf } from '../fakes/host.ts'

const routeOf = (host: Host, presence?: Presence): Route =>
  createRoute(host, { queue: queueConfig.parse({}), breaker: breakerConfig.parse({}), presence })
const never = new Promise<void>(() => {})
const NONE = { tried: new Set<string>() }
const picked = (router: Router, voice = 'v', options = {}) =>
  router.pick(clauseOf('Hello.', { voice }), { ...NONE, ...options })?.host

/** Holds one of the host's places. */
const hold = ({ lane }: Route) => lane.take(clauseOf('Held.'), { signal: new AbortController().signal })

/** Fails for three requests, which opens the breaker. */
async function fail(route: Route): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await route.synthesize(clauseOf(`Fail ${i}.`), { signal: new AbortController().signal }).catch(() => {})
  }
}

const failing = (id: string, options: ErrorOptions = {}) =>
  hostOf(id, {
    synthesize: () =>
      Promise.reject(
        new SpeechError('no', { code: 'upstream', source: 'host', retryable: true, ...options }),
      ),
  })

describe('Router', () => {
  test('chooses the less loaded of two hosts that have the voice', async () => {
    const [busy, idle, other] = [hostOf('busy'), hostOf('idle'), hostOf('other', { voices: ['w'] })].map(
      (host) => routeOf(host),
    )
    await hold(busy!)
    for (const chance of [0, 0.3, 0.6, 0.9]) {
      const router = new Router([other!, busy!, idle!], { random: () => chance })
      await settle()
      expect(picked(router)).toBe('idle')
    }
  })

  test('takes two by chance and the better of them, so that all are used', async () => {
    const chances = [0, 0, 0.5, 0.5, 0.9, 0.9]
    const router = new Router(
      ['a', 'b', 'c'].map((id) => routeOf(hostOf(id))),
      { random: () => chances.shift()! },
    )
    await settle()
    expect([picked(router), picked(router), picked(router)]).toEqual(['a', 'b', 'c'])
  })

  test('uses a fallback only when no other has the voice', async () => {
    const fallback = routeOf(hostOf('local', { fallback: true, voices: ['v', 'w'] }))
    const loaded = routeOf(hostOf('gpu', { slots: 1 }))
    for (let i = 0; i < 9; i++) hold(loaded)
    const router = new Router([fallback, loaded])
    await settle()
    expect(picked(router)).toBe('gpu')
    expect(picked(router, 'v', { tried: new Set(['gpu']) })).toBe('gpu')
    expect(picked(router, 'w')).toBe('local')
  })

  test('gives one that was not tried, and the preferred one while it was not', async () => {
    const router = new Router([routeOf(hostOf('a')), routeOf(hostOf('b'))], { random: () => 0 })
    await settle()
    expect(picked(router, 'v', { prefer: 'b' })).toBe('b')
    expect(picked(router, 'v', { prefer: 'b', tried: new Set(['b']) })).toBe('a')
    expect(picked(router, 'v', { tried: new Set(['a', 'b']) })).toBe('a')
  })

  test('asks a host that wants a pause only when no other is left to be tried', async () => {
    const [paused, busy] = [routeOf(hostOf('paused')), routeOf(hostOf('busy', { slots: 1 }))]
    for (let i = 0; i < 9; i++) hold(busy)
    paused.lane.pause(10_000)
    const router = new Router([paused, busy])
    await settle()
    for (let i = 0; i < 9; i++) expect(picked(router)).toBe('busy')
    expect(picked(router, 'v', { tried: new Set(['busy']) })).toBe('paused')
    router.remove(busy)
    expect(picked(router)).toBe('paused')
  })

  test('prefers a host whose voice speaks the language', async () => {
    const german = { ...hostOf('german'), voices: [{ id: 'v', languages: ['de'] }] }
    const chinese = { ...hostOf('chinese'), voices: [{ id: 'v', languages: ['zh-CN'] }] }
    const router = new Router([routeOf(german), routeOf(chinese)])
    await settle()
    for (let i = 0; i < 9; i++)
      expect(router.pick(clauseOf('你好。', { language: 'zh' }), NONE)?.host).toBe('chinese')
  })

  test('leaves a host alone whose breaker is open, and says when to come again when it is the only one', async () => {
    const [bad, good] = [routeOf(failing('bad')), routeOf(hostOf('good'))]
    const router = new Router([bad, good])
    await settle()
    await fail(bad)
    for (let i = 0; i < 9; i++) expect(picked(router)).toBe('good')
    expect(router.troubles).toEqual(['bad is left alone: its last calls failed'])
    expect(router.isReady).toBe(true)
    router.remove(good)
    expect(router.isReady).toBe(false)
    expect(() => picked(router)).toThrow(
      expect.objectContaining({ code: 'unavailable', retryAfterMs: expect.any(Number) }),
    )
  })

  test('sends nobody into a pause that is long, and says until when it is', async () => {
    const route = routeOf(hostOf('gpu'))
    const router = new Router([route])
    await settle()
    route.lane.pause(9_000)
    expect([picked(router), router.isReady, router.troubles]).toEqual(['gpu', true, []])
    route.lane.pause(20_000)
    expect([router.isReady, router.troubles]).toEqual([false, ['gpu wants a pause of 20 s']])
    expect(() => picked(router)).toThrow(
      expect.objectContaining({ code: 'unavailable', retryAfterMs: expect.closeTo(20_000, -3) }),
    )
  })

  test('prefers a host that can speak to one that is starting, and waits for that one else', async () => {
    const router = new Router([
      routeOf(hostOf('starting', { ready: never })),
      routeOf(hostOf('up', { voices: ['w'] })),
    ])
    await settle()
    expect(picked(router)).toBe('starting')
    expect(router.isReady).toBe(true)
    expect(router.troubles).toEqual(['starting is starting'])
  })

  test('prefers a host that takes connections to one that takes none, and cannot speak where that is the only one', async () => {
    const clock = new FakeClock()
    const reach = () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
    const { now, setTimer } = clock
    using absence = new Presence(new URL('http://127.0.0.1:1'), { reach, now, setTimer })
    const absent = routeOf(hostOf('absent'), absence)
    const router = new Router([absent])
    await router.settled
    expect([router.isReady, router.troubles]).toEqual([false, ['absent cannot be reached: ECONNREFUSED']])
    expect(picked(router)).toBe('absent') // its connections may go on
    absence.missed()
    await settle()
    expect(() => picked(router)).toThrow(expect.objectContaining({ retryAfterMs: 1_000 })) // it is awaited
    await clock.advance(5_000)
    expect(picked(router)).toBe('absent') // it may be there again by now
    const busy = routeOf(hostOf('busy', { slots: 1 }))
    for (let i = 0; i < 9; i++) hold(busy)
    router.add(busy)
    await router.settled
    expect([router.isReady, picked(router)]).toEqual([true, 'busy'])
  })

  test('cannot speak by a host of which each voice is left alone', async () => {
    const error = { code: 'upstream', source: 'host', retryable: true, scope: 'voice' } as const
    const route = routeOf(
      hostOf('gpu', { synthesize: () => Promise.reject(new SpeechError('no', error)), voices: ['v', 'w'] }),
    )
    const router = new Router([route])
    await router.settled
    await fail(route)
    expect(router.isReady).toBe(true) // by the other voice
    for (let i = 0; i < 3; i++) {
      const clause = clauseOf(`Fail ${i}.`, { voice: 'w' })
      await route.synthesize(clause, { signal: new AbortController().signal }).catch(() => {})
    }
    expect([router.isReady, router.troubles]).toEqual([false, ['gpu is left alone: its last calls failed']])
  })

  test('takes a host that was heard for one that takes connections', async () => {
    const reach = () => Promise.reject(new Error('no'))
    using presence = new Presence(new URL('http://127.0.0.1:1'), { reach, setTimer: () => () => {} })
    const route = routeOf(hostOf('gpu'), presence)
    const router = new Router([route])
    await router.settled
    expect(router.isReady).toBe(false)
    await route.synthesize(clauseOf('Hello.'), { signal: new AbortController().signal })
    expect(router.isReady).toBe(true)
  })

  /** A router of one host, which is there or not as it is told. */
  const away = async (host = hostOf('gpu')) => {
    const clock = new FakeClock()
    const there = { now: false }
    const reach = () => (there.now ? Promise.resolve() : Promise.reject(new Error('no')))
    const { now, setTimer } = clock
    const presence = new Presence(new URL('http://127.0.0.1:1'), { reach, now, setTimer })
    const route = routeOf(host, presence)
    const router = new Router([route], { setTimer: clock.setTimer })
    await router.settled
    presence.missed()
    await settle()
    const awaitBack = (options: Partial<AwaitBackOptions> = {}, voice = 'v') =>
      router.awaitBack(clauseOf('Hello.', { voice }), {
        since: clock.now(),
        maxMs: 60_000,
        signal: new AbortController().signal,
        ...options,
      })
    return { clock, there, route, router, presence, awaitBack }
  }

  test('waits for a host that has gone until it is back, and no longer than it is expected', async () => {
    const { clock, there, awaitBack } = await away()
    let isBack: string | undefined
    awaitBack().then((back) => (isBack = back))
    await clock.advance(1_000)
    expect(isBack).toBeUndefined()
    there.now = true
    await clock.advance(200)
    expect(isBack).toBe('gpu')
    await clock.advance(1)
    expect(await awaitBack()).toBeUndefined() // it is there
    expect(await awaitBack({ since: 0 })).toBe('gpu')
  })

  test('waits for no host that has been away for long, nor longer than may be', async () => {
    const { clock, awaitBack } = await away()
    const early = awaitBack({ maxMs: 300 }).then((back) => [back, clock.now()])
    const late = awaitBack().then((back) => [back, clock.now()])
    await clock.advance(9_000)
    expect([await early, await late]).toEqual([
      [undefined, 300],
      [undefined, 5_000],
    ])
    expect([await awaitBack(), clock.now()]).toEqual([undefined, 9_000])
  })

  test('waits for nobody with a voice that the host has not, nor for a caller who leaves', async () => {
    const { awaitBack } = await away({ ...hostOf('gpu'), has: (voice) => voice === 'v' })
    expect(await awaitBack({}, 'w')).toBeUndefined()
    const leaving = new AbortController()
    const waiting = awaitBack({ signal: leaving.signal })
    leaving.abort()
    expect(await waiting).toBeUndefined()
  })

  test('waits no longer for a host that is removed, nor for one of which only a try was in vain', async () => {
    const { clock, router, route, awaitBack } = await away()
    const waiting = awaitBack().then(() => clock.now())
    await clock.advance(300)
    router.remove(route)
    expect(await waiting).toBe(300)
    const other = await away()
    other.presence.heard()
    await other.clock.advance(6_000) // tries are in vain again
    expect([other.presence.absence, await other.awaitBack()]).toEqual(['no', undefined])
    expect(picked(other.router)).toBe('gpu')
  })

  test('does not ask a host again that it has asked in vain while that takes no connections', async () => {
    const { clock, router } = await away()
    await clock.advance(5_000)
    expect(picked(router)).toBe('gpu')
    expect(() => picked(router, 'v', { tried: new Set(['gpu']) })).toThrow('No host can speak as v now')
  })

  test('says why where no host that has the voice takes connections', async () => {
    const { clock, there, router } = await away()
    expect(router.awayError(clauseOf('Hello.', { voice: 'v' }))).toMatchObject({
      message: 'No host can speak as v now: gpu cannot be reached: no',
      code: 'unavailable',
      source: 'host',
      retryAfterMs: 1_000,
    })
    expect(router.awayError(clauseOf('Hello.', { voice: 'w' }))).toBeUndefined()
    there.now = true
    await clock.advance(200)
    expect(router.awayError(clauseOf('Hello.', { voice: 'v' }))).toBeUndefined()
  })

  test('ends a pause that a host has asked for once it is back', async () => {
    const { clock, there, route } = await away()
    route.lane.pause(60_000)
    there.now = true
    await clock.advance(200)
    expect(route.lane.pausedMs).toBe(0)
  })

  test('tries a host at once that fails, and leaves it alone no more once it is back', async () => {
    const { clock, there, route } = await away(failing('gpu', { cause: new Error('connection closed') }))
    there.now = true
    await clock.advance(200)
    there.now = false
    await fail(route)
    await settle()
    expect([route.breaker.state, route.presence?.absence]).toEqual(['open', 'no'])
    there.now = true
    await clock.advance(200)
    expect(route.breaker.state).toBe('closed')
  })

  test('prefers a host that follows instructions for a clause that has some', async () => {
    const deaf = routeOf({ ...hostOf('deaf'), obeys: () => false })
    const busy = routeOf(hostOf('obedient', { slots: 1 }))
    for (let i = 0; i < 9; i++) hold(busy)
    const router = new Router([deaf, busy])
    await settle()
    const picks = [undefined, 'Whisper.'].map(
      (instructions) => router.pick(clauseOf('Hello.', { instructions }), NONE)?.host,
    )
    expect(picks).toEqual(['deaf', 'obedient'])
  })

  test('is full when every host is that would be asked', async () => {
    const full = (id: string, rest: Partial<Host> = {}) => ({
      ...routeOf({ ...hostOf(id), ...rest }),
      isFull: true,
    })
    const router = new Router([full('gpu')])
    expect(router.isFull).toBe(false) // while it is starting there is no more to be said
    await settle()
    expect([router.isReady, router.isFull, router.troubles]).toEqual([true, true, ['gpu has a full queue']])
    router.add(routeOf(hostOf('local', { fallback: true })))
    await settle()
    expect(router.isFull).toBe(true)
    router.add(routeOf(hostOf('other')))
    await settle()
    expect(router.isFull).toBe(false)
  })

  test('is not full while its fallback speaks for hosts that cannot', async () => {
    const [bad, local] = [routeOf(failing('bad')), routeOf(hostOf('local', { fallback: true }))]
    const router = new Router([{ ...bad, isFull: true }, local])
    await settle()
    await fail(bad)
    expect([router.isReady, router.isFull]).toEqual([true, false])
  })

  test('refuses when every host of the voice has failed, and says why', async () => {
    const router = new Router([
      routeOf(hostOf('gpu', { ready: Promise.reject(new Error('no such prompt')) })),
    ])
    await router.settled
    expect(router.isReady).toBe(false)
    expect(router.troubles).toEqual(['gpu cannot speak: no such prompt'])
    expect(() => picked(router)).toThrow('No host can speak as v now')
  })

  test('has hosts come and go', async () => {
    const [one, two] = [routeOf(hostOf('one')), routeOf(hostOf('two'))]
    const router = new Router([one])
    await settle()
    router.add(two)
    await settle()
    router.remove(one)
    expect(router.routes).toEqual([two])
    expect(picked(router)).toBe('two')
  })

  test('gives the fallbacks that can stand in now, each with the voice that reads whatever it is given', async () => {
    const fallback = (id: string, rest: Partial<Host> = {}) =>
      routeOf({ ...hostOf(id, { fallback: true, voices: ['w', 'auto'] }), ...rest })
    const [dead, paused] = [routeOf({ ...failing('dead'), fallback: true }), fallback('paused')]
    await fail(dead)
    paused.lane.pause(20_000)
    const ready = Promise.reject(new Error('broken'))
    ready.catch(() => {})
    const all = [
      dead,
      paused,
      fallback('broken', { ready }),
      fallback('local'),
      fallback('mute', { voices: [], has: () => false }),
    ]
    const router = new Router([routeOf(hostOf('gpu')), ...all, routeOf(hostOf('plain', { fallback: true }))])
    await settle()
    const given = router.fallbacks(undefined)
    expect(given.map(({ host, voice }) => `${host} ${voice}`)).toEqual(['local auto', 'plain v'])
    expect(given[0]!.synthesize).toBe(all[3]!.synthesize)
  })

  test('gives nobody to stand in where there is nobody to stand in for', async () => {
    const router = new Router([routeOf(hostOf('local', { fallback: true }))])
    await settle()
    expect(router.fallbacks(undefined)).toEqual([])
  })
})
