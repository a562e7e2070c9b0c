import { describe, expect, test } from 'bun:test'
import { SpeechError } from '../../src/errors.ts'
import { deadline } from '../../src/guard/deadline.ts'
import { Change } from '../../src/pcm/change.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Pcm, Samples, Signal, Synthesize } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { counting, pcmOf, pulled } from '../fakes/samples.ts'

const GONE = new SpeechError('Caller went away', { code: 'cancelled', source: 'client' })
const LIMITS = { firstAudioMs: 1_000, gapMs: 500, clauseMs: 2_000, perCharMs: 10 }

/** A host whose audio comes when it is told to, and which notes what becomes of it. */
function scripted() {
  const call = Promise.withResolvers<Pcm>()
  const ready: Promise<Samples | undefined>[] = []
  const asked: (() => void)[] = []
  let pulls = 0
  let cancelled: unknown
  let signal: Signal | undefined
  const pcm = pulled({
    async read() {
      const { promise, resolve } = Promise.withResolvers<void>()
      asked.push(resolve)
      pulls++
      await promise
      return ready.shift()
    },
    async cancel(reason) {
      cancelled = reason
    },
  })
  const synthesize: Synthesize = (_, options) => {
    signal = options.signal
    return call.promise
  }
  return {
    synthesize,
    speak: () => call.resolve(pcm),
    call,
    give(samples: Samples | undefined) {
      ready.push(Promise.resolve(samples))
      asked.shift()?.()
    },
    pulls: () => pulls,
    cancelled: () => cancelled,
    signal: () => signal,
  }
}

function start(text = 'Hi') {
  const clock = new FakeClock()
  const host = scripted()
  const caller = new AbortController()
  const guard = deadline({ ...LIMITS, now: clock.now, setTimer: clock.setTimer })
  const pcm = guard(host.synthesize)(clauseOf(text), { signal: caller.signal })
  pcm.catch(() => {})
  return { clock, host, caller, pcm }
}

const TIMEOUT = { code: 'timeout', source: 'host', retryable: true }

describe('deadline()', () => {
  test('passes audio through, chunk by chunk and only as it is asked for', async () => {
    const inner = pcmOf([counting(10), counting(20), counting(30)], { rate: 22_050, speed: 2 })
    const guard = deadline(LIMITS)
    const pcm = await guard(async () => inner)(clauseOf('Hi'), { signal: new AbortController().signal })
    expect(pcm).toMatchObject({ rate: 22_050, speed: 2 })
    await settle()
    expect(inner.pulls()).toBe(0)
    expect(await nextOf(pcm)).toHaveLength(10)
    expect(inner.pulls()).toBe(1)
    expect(await nextOf(pcm)).toHaveLength(20)
    expect(await nextOf(pcm)).toHaveLength(30)
    expect(await nextOf(pcm)).toBeUndefined()
  })

  test('ends a gap in which something comes that is no audio', async () => {
    const { clock, host, pcm } = start()
    const [audio, signOfLife] = [pcmOf([counting(1)]), new Change()]
    host.call.resolve({
      rate: 24_000,
      speed: 1,
      isOver: false,
      take: () => audio.take(),
      wait: (waiter) => (audio.pulls() === 0 ? audio.wait(waiter) : signOfLife.wait(waiter)),
      cancel: audio.cancel,
    })
    const heard = await pcm
    await nextOf(heard)
    const more = nextOf(heard).catch((thrown) => thrown)
    await clock.advance(400)
    signOfLife.wake()
    await clock.advance(400)
    expect(await more).toMatchObject(TIMEOUT)
  })

  test('carries a failure of the host as it is', async () => {
    const failure = new SpeechError('Host failed', { code: 'upstream', source: 'host' })
    const signal = new AbortController().signal
    const before = deadline(LIMITS)(async () => Promise.reject(failure))(clauseOf('Hi'), { signal })
    expect(await before.catch((thrown) => thrown)).toBe(failure)
    const pcm = await deadline(LIMITS)(async () => pcmOf([counting(1)], { fails: failure }))(clauseOf('Hi'), {
      signal,
    })
    await nextOf(pcm)
    expect(await nextOf(pcm).catch((thrown) => thrown)).toBe(failure)
  })

  test.each([
    ['Hi', 1_020],
    ['x'.repeat(100), 2_000],
    ['你好', 1_060],
  ])('gives a host so long for the first audio of %p: %i ms', async (text, ms) => {
    const { clock, host, pcm } = start(text)
    await clock.advance(ms - 1)
    expect(host.signal()!.aborted).toBe(false)
    await clock.advance(1)
    const error = await pcm.catch((thrown) => thrown)
    expect(error).toMatchObject(TIMEOUT)
    expect(host.signal()!.reason).toBe(error)
    expect(clock.timers).toBe(0)
  })

  test('lets audio go that comes too late', async () => {
    const { clock, host, pcm } = start()
    await clock.advance(1_020)
    const error = await pcm.catch((thrown) => thrown)
    host.speak()
    await settle()
    expect(host.cancelled()).toBe(error)
  })

  test('gives it so long from one chunk to the next', async () => {
    const { clock, host, pcm } = start()
    host.speak()
    const reader = await pcm
    const first = nextOf(reader)
    await clock.advance(519)
    host.give(counting(10))
    expect(await first).toHaveLength(10)
    const second = nextOf(reader).catch((thrown) => thrown)
    await clock.advance(520)
    expect(await second).toMatchObject(TIMEOUT)
    expect(host.cancelled()).toBe(await second)
    expect(clock.timers).toBe(0)
  })

  test('sets one timer for many chunks, and none once all is said', async () => {
    const clock = new FakeClock()
    let timers = 0
    const setTimer: FakeClock['setTimer'] = (ms, ring) => {
      timers++
      return clock.setTimer(ms, ring)
    }
    const inner = pcmOf(Array.from({ length: 50 }, () => counting(1)))
    const guard = deadline({ ...LIMITS, now: clock.now, setTimer })
    const pcm = await guard(async () => inner)(clauseOf('Hi'), { signal: new AbortController().signal })
    while (await nextOf(pcm)) await clock.advance(1)
    expect(timers).toBe(2) // for the first audio, then for a gap, which may be shorter
    expect(clock.timers).toBe(0)
  })

  test('gives it so long for the whole clause', async () => {
    const { clock, host, pcm } = start()
    await clock.advance(900)
    host.speak()
    const reader = await pcm
    for (const _ of [1, 2]) {
      const read = nextOf(reader)
      await clock.advance(500)
      host.give(counting(10))
      await read
    }
    const third = nextOf(reader).catch((thrown) => thrown)
    await clock.advance(119)
    expect(host.cancelled()).toBeUndefined()
    await clock.advance(1)
    expect(await third).toMatchObject(TIMEOUT)
  })

  test('does not count the time in which nobody asks the host for more', async () => {
    const { clock, host, pcm } = start()
    host.speak()
    const reader = await pcm
    for (let i = 0; i < 10; i++) {
      const read = nextOf(reader)
      await clock.advance(100)
      host.give(counting(10))
      expect(await read).toHaveLength(10)
      await clock.advance(60_000)
    }
    expect(host.pulls()).toBe(10)
    expect(clock.timers).toBe(0)
  })

  test('stops the clock for a caller who has left, and leaves the rest to the host', async () => {
    const { clock, host, caller, pcm } = start()
    caller.abort(GONE)
    expect(host.signal()!.reason).toBe(GONE)
    await clock.advance(100_000)
    expect(clock.timers).toBe(0)
    host.call.reject(GONE)
    expect(await pcm.catch((thrown) => thrown)).toBe(GONE)
  })

  test('carries a cancel, which settles when the host does, and stops the clock', async () => {
    const free = Promise.withResolvers<void>()
    const clock = new FakeClock()
    const ended = Promise.withResolvers<undefined>()
    const inner = pulled({
      read: () => ended.promise,
      cancel() {
        ended.resolve(undefined)
        return free.promise
      },
    })
    const guard = deadline({ ...LIMITS, now: clock.now, setTimer: clock.setTimer })
    const pcm = await guard(async () => inner)(clauseOf('Hi'), { signal: new AbortController().signal })
    const read = nextOf(pcm)
    let settled = false
    const cancelled = pcm.cancel(GONE).then(() => {
      settled = true
    })
    expect(await read).toBeUndefined()
    await settle()
    expect(settled).toBe(false)
    expect(clock.timers).toBe(0)
    free.resolve()
    await cancelled
  })

  test('says that the clause as a whole took too long when that is the limit', async () => {
    const clock = new FakeClock()
    const guard = deadline({ ...LIMITS, clauseMs: 100, now: clock.now, setTimer: clock.setTimer })
    const call = guard(() => new Promise(() => {}))(clauseOf('Hi'), { signal: new AbortController().signal })
    const outcome = call.catch((thrown) => thrown)
    await clock.advance(120)
    expect(String(await outcome)).toContain('no end within 120 ms')
  })

  test('has patience without being told how much', async () => {
    const clock = new FakeClock()
    const guard = deadline({ now: clock.now, setTimer: clock.setTimer })
    const call = guard(() => new Promise(() => {}))(clauseOf('Hi'), { signal: new AbortController().signal })
    const outcome = call.catch((thrown) => thrown)
    await clock.advance(10_400)
    expect(String(await outcome)).toContain('no first audio within 10400 ms')
  })
})
