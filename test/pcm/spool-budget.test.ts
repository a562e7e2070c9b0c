import { describe, expect, test } from 'bun:test'
import { SpoolBudget, type Spooled } from '../../src/pcm/spool-budget.ts'
import { FakeClock } from '../fakes/clock.ts'

const spoolOf = (touchedAt: number, { isFull = false } = {}) => {
  const spool = {
    touchedAt,
    isFull,
    failures: [] as unknown[],
    fail: (reason: unknown) => void spool.failures.push(reason),
  }
  return spool satisfies Spooled
}

describe('SpoolBudget', () => {
  test('is tight from half of its bytes and full from all of them', () => {
    const budget = new SpoolBudget({ bytes: 100, stallMs: 1 })
    budget.take(49)
    expect([budget.isTight, budget.isFull]).toEqual([false, false])
    budget.take(1)
    expect([budget.isTight, budget.isFull]).toEqual([true, false])
    budget.take(50)
    expect([budget.isTight, budget.isFull]).toEqual([true, true])
  })

  test('wakes those who wait only when it gets less tight or less full', () => {
    const budget = new SpoolBudget({ bytes: 100, stallMs: 1 })
    let wakes = 0
    const waiting = budget.onEase(() => wakes++)
    budget.take(120)
    budget.give(10)
    expect(wakes).toBe(0)
    budget.give(20)
    expect(wakes).toBe(1)
    budget.give(50)
    expect(wakes).toBe(2)
    waiting[Symbol.dispose]()
    budget.take(100)
    budget.give(100)
    expect(wakes).toBe(2)
  })

  test('cuts off nobody while nobody waits, then only who has stalled and is in the way', async () => {
    const clock = new FakeClock()
    const budget = new SpoolBudget({ bytes: 100, stallMs: 5_000, now: clock.now, every: clock.every })
    budget.take(90)
    const [stalled, full, fresh] = [spoolOf(0), spoolOf(0, { isFull: true }), spoolOf(9_000)]
    for (const spool of [stalled, full, fresh]) budget.enter(spool)
    await clock.advance(8_000)
    expect(stalled.failures).toEqual([])
    const roomy = budget.waiting({})
    await clock.advance(1_000)
    expect([stalled.failures.length, full.failures.length, fresh.failures.length]).toEqual([0, 1, 0])
    roomy[Symbol.dispose]()
    expect(clock.timers).toBe(0)
    budget.take(10)
    using _ = budget.waiting({})
    await clock.advance(1_000)
    expect([stalled.failures.length, fresh.failures.length]).toEqual([1, 0])
    expect(stalled.failures[0]).toMatchObject({ code: 'exhausted', source: 'client' })
  })

  test('refuses a size that is not positive', () => {
    expect(() => new SpoolBudget({ bytes: 0, stallMs: 1 })).toThrow(
      'bytes must be positive, current value is 0',
    )
  })
})
