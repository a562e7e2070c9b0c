import { describe, expect, test } from 'bun:test'
import { queueConfig } from '../../src/dispatch/config.ts'
import { FairQueue } from '../../src/dispatch/fair-queue.ts'
import { Forecast } from '../../src/dispatch/forecast.ts'
import { HostGroup } from '../../src/dispatch/host-group.ts'
import { type Waiting, WaitingRoom } from '../../src/dispatch/waiting-room.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock } from '../fakes/clock.ts'
import { claimOf, type ToldClaim } from './lane-of.ts'

/** A waiting room of two, and what it told. */
function roomOf() {
  const clock = new FakeClock()
  const bounds = queueConfig.parse({ maxRequests: 2 })
  const queue = new FairQueue<Waiting>(bounds)
  const rate = { waitMs: () => 0 }
  const forecast = new Forecast({
    queue,
    limit: { size: 1 },
    rate,
    throughput: { waitMs: () => 0 },
    now: clock.now,
  })
  const told: unknown[] = []
  const { now, setTimer } = clock
  const onLeft = () => void told.push(`${queue.size} left`)
  const room = new WaitingRoom({
    host: 'gpu',
    bounds,
    queue,
    group: new HostGroup(),
    backlogMs: () => 0,
    forecast,
    company: undefined,
    onLeft,
    now,
    setTimer,
  })
  const enter = (index: number, claim: ToldClaim = claimOf()) => {
    const clause = clauseOf(`Clause ${index}.`, { index })
    const refuse = (reason: unknown) => void told.push(reason)
    return room.enter({ clause, claim, since: now(), grant: () => {}, refuse })
  }
  return { room, enter, clock, told }
}

describe('WaitingRoom', () => {
  test('calls first clauses first, and knows nobody any more whom it has called', () => {
    const { room, enter } = roomOf()
    const [later, first] = [enter(1), enter(0)]
    expect([room.call(), room.call(), room.call()]).toEqual([first, later, undefined])
    expect(room.has(first.value.clause)).toBe(false)
  })

  test('refuses one for whom there is no room, and tells the claim', () => {
    const { room, enter } = roomOf()
    enter(1)
    enter(2)
    const claim = claimOf()
    expect(() => room.admit(clauseOf('More.', { index: 3 }), claim, { isFree: false, taken: 1 })).toThrow(
      expect.objectContaining({ code: 'overloaded' }),
    )
    expect(claim.events).toMatchObject([{ type: 'refused', host: 'gpu' }])
  })

  test('drops a first clause when its deadline passes, and tells the claim that it has expired', async () => {
    const { room, enter, clock, told } = roomOf()
    const claim = claimOf({ deadlineAt: 100 })
    const { clause } = enter(0, claim).value
    await clock.advance(99)
    expect(room.has(clause)).toBe(true)
    await clock.advance(1)
    expect(room.has(clause)).toBe(false)
    expect(told).toMatchObject([{ code: 'timeout' }, '0 left'])
    expect(claim.events).toEqual([{ type: 'expired', host: 'gpu' }])
    expect(clock.timers).toBe(0)
  })

  test('waits on past a deadline that has become later meanwhile', async () => {
    const { room, enter, clock } = roomOf()
    const claim = { ...claimOf(), deadlineAt: 100 }
    const { clause } = enter(0, claim).value
    claim.deadlineAt = 200 // as a shared claim's does when another one joins
    await clock.advance(150)
    expect(room.has(clause)).toBe(true)
    await clock.advance(50)
    expect(room.has(clause)).toBe(false)
  })

  test('lets all go for one reason', () => {
    const { room, enter, told } = roomOf()
    enter(0)
    enter(1)
    const gone = new Error('host is gone')
    room.clear(gone)
    expect(told).toEqual([gone, '1 left', gone, '0 left'])
  })

  test('calls a clause sooner that has become more urgent, and does not mind one that is gone', () => {
    const { room, enter } = roomOf()
    const [second, third] = [enter(1), enter(2)]
    room.lift(third.value.clause, { index: 0, priority: 0 })
    expect(room.call()).toBe(third)
    room.lift(third.value.clause, { index: 0, priority: 10 })
    expect(room.call()).toBe(second)
  })
})
