import { describe, expect, test } from 'bun:test'
import { Alarms } from '../../src/dispatch/alarms.ts'
import { FakeClock } from '../fakes/clock.ts'

function rig() {
  const clock = new FakeClock()
  const rung: string[] = []
  const alarms = new Alarms<string>({
    onDue: (item) => rung.push(`${item} ${clock.now()}`),
    now: clock.now,
    setTimer: clock.setTimer,
  })
  return { alarms, clock, rung }
}

describe('Alarms', () => {
  test('ring each when it is due, in whatever order they were set, with one timer', async () => {
    const { alarms, clock, rung } = rig()
    alarms.add('b', 20)
    alarms.add('a', 10)
    alarms.add('c', 20)
    expect(clock.timers).toBe(1)
    await clock.advance(15)
    expect(rung).toEqual(['a 10'])
    await clock.advance(15)
    expect(rung.toSorted()).toEqual(['a 10', 'b 20', 'c 20'])
    expect(clock.timers).toBe(0)
  })

  test('ring nothing that was called off, and keep no timer for it', async () => {
    const { alarms, clock, rung } = rig()
    alarms.add('a', 10)
    alarms.add('b', 20)
    alarms.delete('a')
    alarms.delete('a')
    await clock.advance(15)
    expect([rung, clock.timers]).toEqual([[], 1])
    alarms.delete('b')
    expect(clock.timers).toBe(0)
  })

  test('ring at once what is past', async () => {
    const { alarms, clock, rung } = rig()
    await clock.advance(50)
    alarms.add('a', 10)
    await clock.advance(0)
    expect(rung).toEqual(['a 50'])
  })
})
