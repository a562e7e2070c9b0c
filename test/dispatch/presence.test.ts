import { describe, expect, test } from 'bun:test'
import { Presence } from '../../src/dispatch/presence.ts'
import { FakeClock, settle } from '../fakes/clock.ts'

const url = new URL('http://127.0.0.1:1/')
const refused = () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))

/** Tries of an address, each of which ends as it is told to. */
function tries() {
  const ends: { readonly resolve: () => void; readonly reject: (reason: unknown) => void }[] = []
  const reach = (_: URL, { signal }: { readonly signal: AbortSignal }) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => reject(signal.reason))
    ends.push({ resolve, reject })
    return promise
  }
  return { ends, reach }
}

describe('Presence', () => {
  test('tries at once, and again five seconds after a try has ended', async () => {
    const clock = new FakeClock()
    const { ends, reach } = tries()
    using presence = new Presence(url, { reach, setTimer: clock.setTimer })
    expect(ends.length).toBe(1)
    await clock.advance(4_000)
    ends[0]!.resolve()
    await presence.known
    await clock.advance(4_999)
    expect(ends.length).toBe(1)
    await clock.advance(1)
    expect(ends.length).toBe(2)
  })

  test('knows why the last try was in vain, until one is not', async () => {
    const clock = new FakeClock()
    const outcomes = [refused, () => Promise.resolve(), refused]
    using presence = new Presence(url, {
      reach: () => outcomes.shift()!(),
      awayMs: 0,
      now: clock.now,
      setTimer: clock.setTimer,
    })
    expect(presence.absence).toBeUndefined()
    await presence.known
    expect(presence.absence).toBe('ECONNREFUSED')
    await clock.advance(1_000)
    expect(presence.absence).toBeUndefined()
    await clock.advance(5_000)
    expect(presence.absence).toBe('ECONNREFUSED')
  })

  test('knows no more of an absence once it was heard, nor of a try that its end has broken off', async () => {
    const clock = new FakeClock()
    using presence = new Presence(url, { reach: refused, setTimer: clock.setTimer })
    await presence.known
    presence.heard()
    expect(presence.absence).toBeUndefined()
    const ended = new Presence(url, { reach: tries().reach, setTimer: clock.setTimer })
    ended[Symbol.dispose]()
    await ended.known
    expect(ended.absence).toBeUndefined()
  })

  test('takes a try that is late for one in vain', async () => {
    const clock = new FakeClock()
    const { reach } = tries()
    using presence = new Presence(url, { withinMs: 300, reach, setTimer: clock.setTimer })
    await clock.advance(299)
    expect(presence.absence).toBeUndefined()
    await clock.advance(1)
    expect(presence.absence).toBe('no connection within 300 ms')
  })

  test('tries no more once it is disposed of, within a try and between two', async () => {
    for (const ms of [0, 100]) {
      const clock = new FakeClock()
      const { ends, reach } = tries()
      const presence = new Presence(url, { reach, setTimer: clock.setTimer })
      if (ms > 0) ends[0]!.resolve()
      await clock.advance(ms)
      presence[Symbol.dispose]()
      await clock.advance(20_000)
      expect([ends.length, clock.timers]).toEqual([1, 0])
    }
  })

  test('tries a host that has gone five times a second as long as it is expected back, then every second', async () => {
    const clock = new FakeClock()
    let tried = 0
    const reach = () => {
      tried++
      return refused()
    }
    using presence = new Presence(url, { reach, now: clock.now, setTimer: clock.setTimer })
    await presence.known
    presence.missed()
    expect(presence.expectedMs).toBe(5_000)
    await clock.advance(5_000)
    expect([tried, presence.expectedMs]).toEqual([27, 0])
    await clock.advance(20_000)
    expect(tried).toBe(47)
  })

  test('tells that the host is back, and since when', async () => {
    const clock = new FakeClock()
    const outcomes = [refused, refused, refused, () => Promise.resolve()]
    using presence = new Presence(url, {
      reach: () => outcomes.shift()!(),
      now: clock.now,
      setTimer: clock.setTimer,
    })
    const told: number[] = []
    expect(presence.isBackSince(0)).toBe(false)
    presence.watch((isBack) => isBack && told.push(clock.now()))
    await presence.known
    presence.missed()
    await clock.advance(400)
    expect([told, presence.isBackSince(400), presence.isBackSince(401)]).toEqual([[400], true, false])
    outcomes.push(refused, () => Promise.resolve())
    await clock.advance(6_000)
    expect([told, presence.isBackSince(401)]).toEqual([[400, 6_400], true])
  })

  test('tries at once when a call has failed; a try that began before that shows nothing', async () => {
    const clock = new FakeClock()
    const { ends, reach } = tries()
    using presence = new Presence(url, { reach, now: clock.now, setTimer: clock.setTimer })
    presence.missed()
    expect(ends.length).toBe(1)
    ends[0]!.resolve()
    await settle()
    expect([ends.length, presence.isAwaited]).toEqual([2, true])
    ends[1]!.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
    await settle()
    expect([presence.absence, presence.isAwaited]).toEqual(['ECONNREFUSED', true])
    presence.heard()
    presence.missed()
    expect(ends.length).toBe(3)
    ends[2]!.resolve()
    await settle()
    expect([presence.absence, presence.isAwaited]).toEqual([undefined, false])
  })

  test('takes no host for away that no call has missed: its kept connections may go on', async () => {
    const clock = new FakeClock()
    using presence = new Presence(url, { reach: refused, now: clock.now, setTimer: clock.setTimer })
    await presence.known
    expect([presence.absence, presence.expectedMs, presence.isAwaited]).toEqual(['ECONNREFUSED', 0, false])
    presence.missed()
    expect([presence.expectedMs, presence.isAwaited]).toEqual([5_000, true])
    presence.heard()
    await clock.advance(5_000)
    expect([presence.absence, presence.expectedMs]).toEqual(['ECONNREFUSED', 0])
  })

  test('takes a try that is in vain for an absence however often calls fail meanwhile, and tries again once', async () => {
    const clock = new FakeClock()
    const { ends, reach } = tries()
    using presence = new Presence(url, { reach, now: clock.now, setTimer: clock.setTimer })
    presence.missed()
    ends[0]!.resolve()
    await settle()
    presence.missed()
    ends[1]!.resolve()
    await settle()
    expect([ends.length, presence.absence]).toEqual([2, undefined])
    presence.missed()
    presence.missed()
    ends[2]!.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
    await settle()
    expect([ends.length, presence.absence]).toEqual([3, 'ECONNREFUSED'])
  })
})
