import { describe, expect, test } from 'bun:test'
import { observed } from '../../src/guard/observed.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Synthesize } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock } from '../fakes/clock.ts'
import { counting, pcmOf } from '../fakes/samples.ts'
import { claimOf, failureOf, fault, GONE } from './faults.ts'

function start(next: Synthesize) {
  const clock = new FakeClock()
  const claim = claimOf('r')
  const caller = new AbortController()
  const pcm = observed('gpu', { now: clock.now })(next)(clauseOf('Hi.'), { signal: caller.signal, claim })
  return { clock, events: claim.events, caller, pcm }
}

describe('observed()', () => {
  test('tells of the first audio and of the end, with the seconds of audio', async () => {
    const call = Promise.withResolvers<void>()
    const { clock, events, ...rest } = start(async () => {
      await call.promise
      return pcmOf([counting(24_000), counting(12_000)])
    })
    await clock.advance(120)
    call.resolve()
    const pcm = await rest.pcm
    await clock.advance(30)
    while (await nextOf(pcm));
    expect(events).toEqual([
      { type: 'first-audio', host: 'gpu', ms: 120 },
      { type: 'said', host: 'gpu', ms: 150, audioSeconds: 1.5 },
    ])
  })

  test('tells of a failure before the audio and in it', async () => {
    const error = fault()
    const before = start(() => Promise.reject(error))
    expect(await failureOf(before.pcm)).toBe(error)
    expect(before.events).toEqual([{ type: 'failed', host: 'gpu', ms: 0, error }])
    const within = start(async () => pcmOf([counting(1)], { fails: error }))
    const pcm = await within.pcm
    await nextOf(pcm)
    expect(await failureOf(nextOf(pcm))).toBe(error)
    expect(within.events.at(-1)).toEqual({ type: 'failed', host: 'gpu', ms: 0, error })
  })

  test('gives a failure of no kind a code', async () => {
    const { events, pcm } = start(() => Promise.reject(new Error('what?')))
    await failureOf(pcm)
    expect(events).toMatchObject([{ type: 'failed', error: { code: 'internal', source: 'proxy' } }])
  })

  test('tells of a caller who leaves once the host is free', async () => {
    const free = Promise.withResolvers<never>()
    const { clock, events, caller, pcm } = start(() => free.promise)
    caller.abort(GONE)
    await clock.advance(500)
    expect(events).toEqual([])
    free.reject(fault())
    await failureOf(pcm)
    expect(events).toEqual([{ type: 'left', host: 'gpu', ms: 500 }])
  })

  test.each([
    [GONE, 'left'],
    [undefined, 'left'],
    [fault({ code: 'timeout' }), 'failed'],
  ])('tells by the reason of a cancel, %p, that it was %s', async (reason, type) => {
    const { events, ...rest } = start(async () => pcmOf([counting(1)]))
    const pcm = await rest.pcm
    await nextOf(pcm)
    await pcm.cancel(reason)
    expect(events.slice(1)).toMatchObject([{ type, host: 'gpu' }])
  })

  test('calls it a failure when a guard stops the host for being late', async () => {
    const late = fault({ code: 'timeout' })
    const { events, caller, pcm } = start(
      (_, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    )
    caller.abort(late)
    await failureOf(pcm)
    expect(events).toEqual([{ type: 'failed', host: 'gpu', ms: 0, error: late }])
  })

  test('leaves a call alone that nobody claims, and keeps time by itself', async () => {
    const inner = pcmOf([])
    const { signal } = new AbortController()
    expect(await observed('gpu')(async () => inner)(clauseOf('Hi.'), { signal })).toBe(inner)
    const claim = claimOf('r')
    await observed('gpu')(async () => inner)(clauseOf('Hi.'), { signal, claim })
    expect(claim.events).toMatchObject([{ type: 'first-audio', host: 'gpu' }])
  })
})
