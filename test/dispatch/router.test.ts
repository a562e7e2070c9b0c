import { describe, expect, test } from 'bun:test'
import { Router } from '../../src/dispatch/router.ts'
import { Slots } from '../../src/dispatch/slots.ts'
import type { Host } from '../../src/speech.ts'
import { settle } from '../fakes/clock.ts'
import { hostOf } from '../fakes/host.ts'

const routeOf = (host: Host) => ({
  host,
  slots: new Slots({ size: Number(host.slots) }),
  synthesize: host.synthesize,
})
const never = new Promise<void>(() => {})

describe('Router', () => {
  test('chooses the least loaded host that has the voice', async () => {
    const [busy, idle, other] = [hostOf('busy'), hostOf('idle'), hostOf('other', { voices: ['w'] })].map(
      routeOf,
    )
    await busy!.slots.take(new AbortController().signal)
    const router = new Router([other!, busy!, idle!])
    await settle()
    expect(router.route('v').host.id).toBe('idle')
  })

  test('uses a fallback only when no other has the voice', async () => {
    const fallback = routeOf(hostOf('local', { fallback: true, voices: ['v', 'w'] }))
    const loaded = routeOf(hostOf('gpu', { slots: 1 }))
    for (let i = 0; i < 9; i++) loaded.slots.take(new AbortController().signal)
    const router = new Router([fallback, loaded])
    await settle()
    expect(router.route('v').host.id).toBe('gpu')
    expect(router.route('w').host.id).toBe('local')
  })

  test('prefers a host that can speak to one that is starting, and waits for that one else', async () => {
    const router = new Router([
      routeOf(hostOf('starting', { ready: never })),
      routeOf(hostOf('up', { voices: ['w'] })),
    ])
    await settle()
    expect(router.route('v').host.id).toBe('starting')
    expect(router.isReady).toBe(true)
    expect(router.troubles).toEqual(['starting is starting'])
  })

  test('refuses when every host of the voice has failed, and says why', async () => {
    const router = new Router([
      routeOf(hostOf('gpu', { ready: Promise.reject(new Error('no such prompt')) })),
    ])
    await settle()
    expect(router.isReady).toBe(false)
    expect(router.troubles).toEqual(['gpu cannot speak: no such prompt'])
    expect(() => router.route('v')).toThrow('No host can speak as v now')
  })
})
