import { describe, expect, test } from 'bun:test'
import type { Lane } from '../../src/dispatch/lane.ts'
import type { SpeechError } from '../../src/errors.ts'
import type { Claim, Clause } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { settle } from '../fakes/clock.ts'
import { claimOf, laneOf } from './lane-of.ts'

const signal = new AbortController().signal
const ask = (lane: Lane, clause: Clause, claim?: Claim) => lane.take(clause, { signal, claim })
const refused = (asked: Promise<unknown>): Promise<SpeechError> =>
  asked.then(
    () => expect.unreachable(),
    (thrown) => thrown,
  )
/** A clause of so many characters. */
const long = (length: number, index = 0) => clauseOf('x'.repeat(length), { index })

/** A lane whose only place is taken. */
const busyLane = async (options: Parameters<typeof laneOf>[0] = {}) => {
  const rig = laneOf(options)
  const { place } = await ask(rig.lane, long(10))
  return { ...rig, place }
}
/** Has a tenant's clause wait; what becomes of it is looked at by nobody else. */
const wait = (
  lane: Lane,
  length: number,
  { index = 0, ...claim }: Parameters<typeof claimOf>[0] & { index?: number } = {},
) => {
  const told = claimOf(claim)
  const outcome = ask(lane, long(length, index), told).then(
    () => 'said',
    (thrown: SpeechError) => thrown,
  )
  return { told, outcome }
}

describe('A lane with a bounded queue', () => {
  test('refuses more clauses than may wait, and says when to come again', async () => {
    const { lane } = await busyLane({ queue: { maxRequests: 2 } })
    wait(lane, 30)
    wait(lane, 40)
    const claim = claimOf()
    const error = await refused(ask(lane, long(5), claim))
    expect(error).toMatchObject({
      message: 'Host gpu is overloaded: 2 clauses wait for it',
      code: 'overloaded',
      source: 'proxy',
      retryable: true,
      retryAfterMs: 70,
    })
    expect(claim.events).toEqual([{ type: 'refused', host: 'gpu', error }])
  })

  test('refuses more characters than may wait, but never a long clause that would wait alone', async () => {
    const { lane } = await busyLane({ queue: { maxChars: 100 } })
    wait(lane, 200, { index: 1 })
    expect(lane.waitingChars).toBe(200)
    const error = await refused(ask(lane, long(1, 1), claimOf()))
    expect(error.message).toBe('Host gpu is overloaded: 200 characters wait for it')
  })

  test('counts a Chinese character as three', async () => {
    const { lane } = await busyLane({ queue: { maxChars: 20 } })
    wait(lane, 10, { index: 1 })
    await refused(ask(lane, clauseOf('你好吗谢', { index: 1 })))
    ask(lane, clauseOf('你好吗', { index: 1 }))
    expect(lane.waitingChars).toBe(19)
  })

  test('keeps the last eighth for speeches that have begun', async () => {
    const { lane } = await busyLane({ queue: { maxRequests: 8 } })
    for (let i = 0; i < 7; i++) wait(lane, 1)
    expect((await refused(ask(lane, long(1), claimOf()))).code).toBe('overloaded')
    wait(lane, 1, { index: 1 })
    expect(lane.waiting).toBe(8)
    expect((await refused(ask(lane, long(1, 1), claimOf()))).code).toBe('overloaded')
  })

  test('makes room for a tenant with less than its share at the cost of the one with most', async () => {
    const { lane } = await busyLane({ queue: { maxRequests: 4 } })
    const flood = [0, 1, 0, 1].map((index) => wait(lane, 10, { tenant: 'flood', index }))
    wait(lane, 10, { tenant: 'other', index: 1 })
    const displaced = await flood[2]!.outcome
    expect(displaced).toMatchObject({ code: 'overloaded', retryable: true, retryAfterMs: 40 })
    expect(flood[2]!.told.events).toMatchObject([{ type: 'refused' }])
    expect(lane.waiting).toBe(4)
    expect((await refused(ask(lane, long(10, 1), claimOf({ tenant: 'flood' })))).message).toContain(
      '4 clauses wait',
    )
  })

  test('refuses a tenant more than may wait of it, until enough of that is said', async () => {
    const { lane } = await busyLane()
    wait(lane, 60, { maxQueuedChars: 100 })
    wait(lane, 60, { tenant: 'b' })
    const error = await refused(ask(lane, long(60), claimOf({ maxQueuedChars: 100 })))
    expect(error).toMatchObject({
      message: 'Too much of tenant a waits already: it would be 120 characters, may be at most 100',
      code: 'exhausted',
      source: 'client',
      retryable: false,
      retryAfterMs: 40, // 20 of its own and as many of the other's
    })
    wait(lane, 40, { maxQueuedChars: 100 })
    wait(lane, 200, { tenant: 'c', maxQueuedChars: 100 })
    ask(lane, long(60, 1), claimOf({ maxQueuedChars: 100 })) // a speech that has begun is not cut for it
    expect(lane.waiting).toBe(5)
  })

  test('refuses to begin a speech when the wait is longer than it may be', async () => {
    const { lane, place } = await busyLane({ queue: { maxWaitMs: 50 } })
    wait(lane, 80)
    place.firstAudio(10) // until it was heard there is only a guess, which refuses nobody
    expect(await refused(ask(lane, long(10), claimOf()))).toMatchObject({
      message: 'Host gpu is overloaded: the wait for it is 80 ms, may be at most 50 ms',
      code: 'overloaded',
      retryAfterMs: 30,
    })
    wait(lane, 10, { index: 1 })
    expect(lane.waiting).toBe(2)
  })
})

describe('A lane and deadlines', () => {
  test('refuses at once what would come too late, and says when it would be in time', async () => {
    const { lane, clock } = await busyLane()
    await clock.advance(1_000)
    wait(lane, 100)
    const claim = claimOf({ deadlineAt: 1_080 })
    const error = await refused(ask(lane, long(10), claim))
    expect(error).toMatchObject({
      message: 'Host gpu is overloaded: first audio would come 20 ms after the deadline',
      code: 'overloaded',
      source: 'proxy',
      retryable: true,
      retryAfterMs: 20,
    })
    expect(claim.events).toEqual([{ type: 'refused', host: 'gpu', error }])
    expect(clock.now()).toBe(1_000)
    wait(lane, 10, { deadlineAt: 1_100 })
    expect(lane.waiting).toBe(2)
  })

  test('reckons with what the host usually takes to first audio', async () => {
    const { lane, place } = await busyLane()
    place.firstAudio(40)
    expect((await refused(ask(lane, long(10), claimOf({ deadlineAt: 39 })))).retryAfterMs).toBe(1)
    wait(lane, 10, { deadlineAt: 40 })
    expect(lane.waiting).toBe(1)
  })

  test('lets a call go to an idle host however slow it was', async () => {
    const { lane, place } = await busyLane()
    place.firstAudio(5_000)
    place[Symbol.dispose]()
    await ask(lane, long(10), claimOf({ deadlineAt: 100 }))
    expect(lane.taken).toBe(1)
  })

  test('tells a tenant so that has itself to thank, while others share the host', async () => {
    const { lane } = await busyLane()
    wait(lane, 100, { tenant: 'a' })
    wait(lane, 10, { tenant: 'b' })
    const own = await refused(ask(lane, long(10), claimOf({ tenant: 'a', deadlineAt: 50 })))
    expect(own).toMatchObject({
      message: 'Too much of tenant a waits already: first audio would come 60 ms after the deadline',
      code: 'exhausted',
      source: 'client',
      retryable: false,
      retryAfterMs: 60,
    })
  })

  test('asks nothing of later clauses', async () => {
    const { lane, clock } = await busyLane()
    wait(lane, 100)
    wait(lane, 10, { index: 1, deadlineAt: 5 })
    await clock.advance(10)
    expect(lane.waiting).toBe(2)
  })

  test('drops what waits when its deadline passes, not when a place is free', async () => {
    const { lane, clock, place } = await busyLane()
    const [late, later, never] = [
      wait(lane, 5, { deadlineAt: 50 }),
      wait(lane, 5, { deadlineAt: 70 }),
      wait(lane, 5),
    ]
    await clock.advance(49)
    expect(lane.waiting).toBe(3)
    await clock.advance(1)
    expect(lane.waiting).toBe(2)
    expect(await late.outcome).toMatchObject({
      message: 'Deadline passed before host gpu had a place free',
      code: 'timeout',
      source: 'proxy',
    })
    expect(late.told.events).toEqual([{ type: 'expired', host: 'gpu' }])
    await clock.advance(20)
    expect(await later.outcome).toMatchObject({ code: 'timeout' })
    place[Symbol.dispose]()
    expect(await never.outcome).toBe('said')
    expect(clock.timers).toBe(0)
  })

  test('keeps what somebody more patient has joined', async () => {
    const { lane, clock } = await busyLane()
    const shared = { ...claimOf(), deadlineAt: 50 as number | undefined }
    const unbounded = { ...claimOf(), deadlineAt: 50 as number | undefined }
    const outcomes = [shared, unbounded].map((claim) =>
      ask(lane, long(5), claim as Claim).catch(({ code }) => code),
    )
    shared.deadlineAt = 80
    unbounded.deadlineAt = undefined
    await clock.advance(79)
    expect(lane.waiting).toBe(2)
    await clock.advance(1)
    expect([lane.waiting, await outcomes[0], clock.timers]).toEqual([1, 'timeout', 0])
  })

  test('does not blame a tenant that has nothing waiting for a deadline that the host alone misses', async () => {
    const rig = await busyLane()
    rig.place.firstAudio(500)
    wait(rig.lane, 100, { tenant: 'flood' })
    const error = await refused(ask(rig.lane, long(10), claimOf({ tenant: 'quick', deadlineAt: 300 })))
    expect(error).toMatchObject({ code: 'overloaded', source: 'proxy' })
  })

  test('drops at once what comes past its deadline', async () => {
    const { lane, clock } = laneOf()
    await clock.advance(10)
    const claim = claimOf({ deadlineAt: 10 })
    expect((await refused(ask(lane, long(10), claim))).code).toBe('timeout')
    expect(claim.events).toEqual([{ type: 'expired', host: 'gpu' }])
  })
})

describe('A lane, asked how long one would wait', () => {
  test('tells for who would be last', async () => {
    const { lane } = await busyLane()
    for (let i = 0; i < 10; i++) wait(lane, 100, { index: 1 })
    wait(lane, 30)
    await settle()
    expect(lane.backlogMs).toBe(1_030)
  })
})
