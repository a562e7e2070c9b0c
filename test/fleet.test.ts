import { expect, test } from 'bun:test'
import { parseConfig } from '../src/config.ts'
import type { Lane } from '../src/dispatch/lane.ts'
import { Router } from '../src/dispatch/router.ts'
import { Fleet } from '../src/fleet.ts'
import { clauseOf } from './fakes/clause.ts'
import { FakeClock, settle } from './fakes/clock.ts'
import { freePort } from './fakes/port.ts'

const CONFIG = parseConfig({
  hosts: [
    {
      id: 'gpu',
      kind: 'openai',
      url: 'http://voices.test:8000',
      model: 'm',
      voices: [{ id: 'v' }],
      slots: 1,
      maxRequestsPerSecond: 1_000,
    },
  ],
})
const live = () => new AbortController().signal
const take = (lane: Lane) => lane.take(clauseOf('Hello.'), { signal: live() })

/** A fleet with one host at these addresses, until it is told of others. */
async function started(first: readonly string[]) {
  const clock = new FakeClock()
  const router = new Router()
  let addresses = first
  const fleet = new Fleet(CONFIG, {
    router,
    metrics: { batch: () => {} },
    lookup: async () => addresses,
    setTimer: clock.setTimer,
  })
  const [named] = router.routes
  await settle()
  return {
    fleet,
    named: named!,
    ids: () => router.routes.map(({ host }) => host.id).sort(),
    routeTo: (address: string) => router.routes.find(({ host }) => host.id === `gpu@${address}`)!,
    async moveTo(next: readonly string[]) {
      addresses = next
      await clock.advance(30_000)
    },
  }
}

test('what waits for an address that is gone goes elsewhere at once, what it is at goes on', async () => {
  const { fleet, ids, routeTo, moveTo } = await started(['10.0.0.1', '10.0.0.2'])
  const { lane, host } = routeTo('10.0.0.1')
  const { place } = await take(lane)
  const waiting = take(lane).catch((thrown) => thrown)
  await moveTo(['10.0.0.2', '10.0.0.3'])
  expect(ids()).toEqual(['gpu@10.0.0.2', 'gpu@10.0.0.3'])
  expect(await waiting).toMatchObject({ code: 'unavailable', source: 'proxy', retryable: true })
  const left = new AbortController()
  left.abort(new Error('left'))
  await expect(host.synthesize(clauseOf('Hi.'), { signal: left.signal })).rejects.toThrow('left')
  place[Symbol.dispose]()
  await settle()
  await expect(host.synthesize(clauseOf('Hi.'), { signal: live() })).rejects.toThrow('shut down')
  await fleet[Symbol.asyncDispose]()
})

test('what waits for a name goes to its addresses once they are known', async () => {
  const { fleet, named, ids, moveTo } = await started(['10.0.0.1'])
  expect(ids()).toEqual(['gpu'])
  await take(named.lane)
  const waiting = take(named.lane).catch((thrown) => thrown)
  await moveTo(['10.0.0.1', '10.0.0.2'])
  expect(ids()).toEqual(['gpu@10.0.0.1', 'gpu@10.0.0.2'])
  expect(await waiting).toMatchObject({ retryable: true })
  await fleet[Symbol.asyncDispose]()
})

test('one that is still at something is disposed of with the fleet', async () => {
  const { fleet, routeTo, moveTo } = await started(['10.0.0.1', '10.0.0.2'])
  const { lane, host } = routeTo('10.0.0.1')
  await take(lane)
  await moveTo(['10.0.0.2'])
  await fleet[Symbol.asyncDispose]()
  await expect(host.synthesize(clauseOf('Hi.'), { signal: live() })).rejects.toThrow('shut down')
})

test('a name keeps its route when its addresses cannot have one, and nothing else comes of it', async () => {
  const router = new Router()
  const fleet = new Fleet(CONFIG, {
    router: {
      add: (route) => {
        if (route.host.id.includes('@')) throw new Error('no room')
        router.add(route)
      },
      remove: (route) => router.remove(route),
    },
    metrics: { batch: () => {} },
    lookup: async () => ['10.0.0.1', '10.0.0.2'],
    setTimer: new FakeClock().setTimer,
  })
  await settle() // a rejection that nobody handles would end the process
  expect(router.routes.map(({ host }) => host.id)).toEqual(['gpu'])
  await fleet[Symbol.asyncDispose]()
})

test('a host has the queue, the connections and the calls a second of the config', async () => {
  const clock = new FakeClock()
  const [host] = CONFIG.hosts
  const config = {
    ...CONFIG,
    queue: { ...CONFIG.queue, maxRequests: 1 },
    hosts: [{ ...host!, url: 'http://127.0.0.1:1', slots: 8, maxConnections: 3, maxRequestsPerSecond: 0.01 }],
  } as typeof CONFIG
  const router = new Router()
  await using _fleet = new Fleet(config, { router, metrics: { batch: () => {} }, setTimer: clock.setTimer })
  const [{ lane }] = router.routes as [(typeof router.routes)[number]]
  expect(lane.size).toBe(3)
  const { place } = await take(lane)
  const waiting = take(lane).catch(() => {})
  await settle()
  expect([lane.taken, lane.waiting]).toEqual([1, 1]) // by its rate
  await expect(take(lane)).rejects.toThrow('Host gpu is overloaded: 1 clauses wait for it')
  place[Symbol.dispose]()
  lane.flush(new Error('done'))
  await waiting
})

test('hosts are tried for connections where that is asked for, as long as they are here', async () => {
  for (const watch of [true, false]) {
    const clock = new FakeClock()
    const router = new Router()
    const hosts = [
      { ...CONFIG.hosts[0]!, url: `http://127.0.0.1:${await freePort()}` },
    ] as typeof CONFIG.hosts
    const options = { router, metrics: { batch: () => {} }, setTimer: clock.setTimer, watch }
    const fleet = new Fleet({ ...CONFIG, hosts }, options)
    await router.settled
    expect(router.troubles).toEqual(watch ? ['gpu cannot be reached: ECONNREFUSED'] : [])
    expect(clock.timers).toBe(watch ? 1 : 0) // the next try
    await fleet[Symbol.asyncDispose]()
    expect(clock.timers).toBe(0)
  }
})

test('a host that takes no connection within its connectMs cannot be reached', async () => {
  const router = new Router()
  const url = `http://127.0.0.1:${await freePort()}`
  const hosts = [{ ...CONFIG.hosts[0]!, url, timeouts: { connectMs: 300 } }] as typeof CONFIG.hosts
  const setTimer = (ms: number, ring: () => void) => {
    if (ms <= 300) queueMicrotask(ring) // before anybody can have answered
    return () => {}
  }
  const options = { router, metrics: { batch: () => {} }, setTimer, watch: true }
  await using _fleet = new Fleet({ ...CONFIG, hosts }, options)
  await router.settled
  expect(router.troubles).toEqual(['gpu cannot be reached: no connection within 300 ms'])
})
