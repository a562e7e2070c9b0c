import { describe, expect, test } from 'bun:test'
import { HostGroup } from '../../src/dispatch/host-group.ts'
import type { Lane } from '../../src/dispatch/lane.ts'
import type { SpeechError } from '../../src/errors.ts'
import { clauseOf } from '../fakes/clause.ts'
import { claimOf, laneOf, type RigOptions } from './lane-of.ts'

const signal = new AbortController().signal

/** Two lanes of one group, whose places are taken. */
const pair = async (queue: NonNullable<RigOptions['queue']>) => {
  const group = new HostGroup()
  const lanes = [laneOf({ queue, group }).lane, laneOf({ queue, group }).lane] as const
  for (const lane of lanes) await lane.take(clauseOf('Busy.'), { signal })
  return { group, lanes }
}

/** Has a clause wait in a lane; gives why it waits no more. */
const wait = (lane: Lane, chars: number, tenant?: Parameters<typeof claimOf>[0]): Promise<SpeechError> =>
  lane.take(clauseOf('x'.repeat(chars)), { signal, claim: claimOf(tenant) }).then(
    () => expect.unreachable(),
    (thrown) => thrown,
  )

describe('HostGroup', () => {
  test('bounds the clauses that wait in all of its queues', async () => {
    const { group, lanes } = await pair({ maxRequests: 4 })
    for (const lane of [...lanes, ...lanes]) wait(lane, 10)
    expect([group.waiting, group.waitingChars]).toEqual([4, 40])
    expect(await wait(lanes[0], 10)).toMatchObject({
      code: 'overloaded',
      message: 'Host gpu is overloaded: 4 clauses wait for it',
    })
  })

  test('bounds their characters', async () => {
    const { lanes } = await pair({ maxChars: 100 })
    wait(lanes[0], 80)
    expect(await wait(lanes[1], 10)).toMatchObject({ code: 'overloaded' })
  })

  test('counts what a tenant has waiting in all of its queues', async () => {
    const { lanes } = await pair({})
    const tenant = { tenant: 'shop', maxQueuedChars: 50 }
    wait(lanes[0], 40, tenant)
    expect(await wait(lanes[1], 20, tenant)).toMatchObject({ code: 'exhausted' })
  })

  test('has who has most for their weight give way, wherever it is, to who has less', async () => {
    const { group, lanes } = await pair({ maxRequests: 8 })
    const greedy = [0, 0, 0, 1].map((i) => wait(lanes[i]!, 100, { tenant: 'greedy' }))
    for (const lane of [lanes[0], lanes[1], lanes[1]]) wait(lane, 100, { tenant: 'heavy', weight: 4 })
    wait(lanes[1], 10, { tenant: 'modest' })
    expect(await greedy[2]).toMatchObject({ code: 'overloaded' })
    expect(lanes.map(({ waiting }) => waiting)).toEqual([3, 4])
    expect(['greedy', 'heavy', 'modest'].map((id) => group.charsOf(id))).toEqual([300, 300, 10])
  })

  test('has nobody give way to who has most in all of its queues', async () => {
    const { group, lanes } = await pair({ maxRequests: 8 })
    for (let i = 0; i < 4; i++) wait(lanes[0], 100, { tenant: 'greedy' })
    for (let i = 0; i < 3; i++) wait(lanes[1], 100, { tenant: 'modest' })
    expect(await wait(lanes[1], 10, { tenant: 'greedy' })).toMatchObject({ code: 'overloaded' })
    expect(group.charsOf('modest')).toBe(300)
  })

  test('counts a queue no more that is retired', async () => {
    const { group, lanes } = await pair({ maxRequests: 4 })
    const waiting = wait(lanes[0], 10)
    lanes[0].retire('gone')
    expect(await waiting).toBe('gone' as never)
    wait(lanes[0], 10)
    expect(group.waiting).toBe(0)
  })
})
