import { describe, expect, test } from 'bun:test'
import { inLane } from '../../src/dispatch/in-lane.ts'
import { SpeechError } from '../../src/errors.ts'
import { deadline } from '../../src/guard/deadline.ts'
import { guarded } from '../../src/guard/guarded.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Pcm, Synthesize } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { settle } from '../fakes/clock.ts'
import { counting, endless, pcmOf, pulled } from '../fakes/samples.ts'
import { laneOf } from './lane-of.ts'

const clause = clauseOf('Hello.')
const live = () => new AbortController().signal
const hostError = () => new SpeechError('Host died', { code: 'upstream', source: 'host', retryable: true })

describe('inLane()', () => {
  test('holds a place until the end of the audio is read', async () => {
    const { lane } = laneOf()
    const pcm = await inLane(lane)(async () => pcmOf([counting(5)]))(clause, { signal: live() })
    await nextOf(pcm)
    expect(lane.taken).toBe(1)
    expect(await nextOf(pcm)).toBeUndefined()
    expect(lane.taken).toBe(0)
  })

  test('tells how long the host was at it, not its reader, and how much it said', async () => {
    const { lane, clock, calls, done } = laneOf()
    const work = async <T>(given: T): Promise<T> => {
      await clock.advance(10)
      return given
    }
    const source = pcmOf([counting(12_000), counting(12_000)])
    const slow = pulled({ read: () => nextOf(source).then(work), cancel: source.cancel })
    const pcm = await inLane(lane, { now: clock.now })(() => work(slow))(clause, { signal: live() })
    await nextOf(pcm)
    await clock.advance(500)
    await nextOf(pcm)
    await nextOf(pcm)
    expect(calls).toEqual([{ ms: 40, firstAudioMs: 10, audioSeconds: 1, inFlight: 1, ok: true }])
    expect(done).toEqual([{ characters: 6, ms: 540 }])
  })

  test('gives the place back when the call fails before or in its audio, and counts it against the host', async () => {
    const { lane, calls } = laneOf()
    const refuses = inLane(lane)(async () => {
      throw hostError()
    })
    await expect(refuses(clause, { signal: live() })).rejects.toThrow('Host died')
    const pcm = await inLane(lane)(async () => pcmOf([], { fails: hostError() }))(clause, { signal: live() })
    await expect(nextOf(pcm)).rejects.toThrow('Host died')
    expect(lane.taken).toBe(0)
    expect(calls.map(({ ok }) => ok)).toEqual([false, false])
  })

  test('rejects when the caller leaves just as the call is made, and gives its place back', async () => {
    const { lane } = laneOf()
    const caller = new AbortController()
    const said = inLane(lane)(async () => {
      caller.abort(new Error('left'))
      return pcmOf([counting(5)])
    })
    await expect(said(clause, { signal: caller.signal })).rejects.toThrow('left')
    await settle()
    expect(lane.taken).toBe(0)
  })

  test("counts no fault of the caller's or of sotto's", async () => {
    const { lane, calls } = laneOf()
    const refuses = inLane(lane)(async () => {
      throw new SpeechError('The breaker is open', { code: 'unavailable', source: 'proxy' })
    })
    await expect(refuses(clause, { signal: live() })).rejects.toThrow('The breaker is open')
    expect([lane.taken, calls]).toEqual([0, []])
  })

  test('lets the caller go at once, and the place only when the host is free', async () => {
    const { lane, calls } = laneOf()
    const host = Promise.withResolvers<Pcm>()
    const leaving = new AbortController()
    const call = inLane(lane)(() => host.promise)(clause, { signal: leaving.signal })
    await settle()
    leaving.abort(new Error('left'))
    await expect(call).rejects.toThrow('left')
    expect(lane.taken).toBe(1)
    host.reject(hostError())
    await settle()
    expect([lane.taken, calls]).toEqual([0, []])
  })

  test.each(['before the first audio', 'in it'])(
    'keeps the place of a host that is late %s until it is free',
    async (when) => {
      const { lane, clock, calls } = laneOf()
      const free = Promise.withResolvers<void>()
      const late = pulled({
        read: () => new Promise(() => {}),
        cancel: () => free.promise,
      })
      const busy: Synthesize = async (_, { signal }) => {
        if (when === 'in it') return late
        await free.promise
        throw signal.reason
      }
      const { now, setTimer } = clock
      const call = guarded(busy, [inLane(lane, { now }), deadline({ now, setTimer, perCharMs: 0 })])
      const failed = call(clause, { signal: live() })
        .then(nextOf)
        .catch((thrown) => thrown)
      await clock.advance(10_000)
      expect(await failed).toMatchObject({ code: 'timeout', source: 'host' })
      expect(lane.taken).toBe(1)
      expect(calls).toMatchObject([{ ok: false }])
      free.resolve()
      await settle()
      expect(lane.taken).toBe(0)
    },
  )

  test('asks nothing of the host when the place comes just as the caller leaves', async () => {
    const { lane } = laneOf()
    const held = await lane.take(clause, { signal: live() })
    const leaving = new AbortController()
    let calls = 0
    const call = inLane(lane)(async () => {
      calls++
      return pcmOf(endless(10))
    })(clause, { signal: leaving.signal })
    await settle()
    held.place[Symbol.dispose]()
    leaving.abort(new Error('left'))
    await expect(call).rejects.toThrow('left')
    expect([calls, lane.taken]).toEqual([0, 0])
  })

  test('cancels audio that comes after the caller has left', async () => {
    const { lane } = laneOf()
    const host = Promise.withResolvers<Pcm>()
    const leaving = new AbortController()
    const call = inLane(lane)(() => host.promise)(clause, { signal: leaving.signal })
    await settle()
    leaving.abort(new Error('left'))
    await call.catch(() => {})
    const late = pcmOf(endless(10))
    host.resolve(late)
    await settle()
    expect(late.cancelled()).toEqual(new Error('left'))
    expect(lane.taken).toBe(0)
  })

  test('keeps the place while a cancelled call is being drained, though a pending read ends', async () => {
    const { lane, calls } = laneOf()
    const drained = Promise.withResolvers<void>()
    const read = Promise.withResolvers<undefined>()
    const pcm = await inLane(lane)(async () =>
      pulled({
        read: () => read.promise,
        cancel: () => drained.promise,
      }),
    )(clause, { signal: live() })
    const pending = nextOf(pcm)
    pcm.cancel('left')
    read.resolve(undefined)
    await pending
    expect(lane.taken).toBe(1)
    drained.resolve()
    await settle()
    expect([lane.taken, calls]).toEqual([0, []])
  })
})
