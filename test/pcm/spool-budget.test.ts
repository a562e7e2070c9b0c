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
  test('eases as it empties, is tight from half, full in the last eighth, and spent at its end', () => {
    const budget = new SpoolBudget({ bytes: 80, stallMs: 1 })
    const state = () => [budget.ease, budget.isTight, budget.isFull, budget.isSpent]
    expect(state()).toEqual([1, false, false, false])
    budget.use(20)
    expect(state()).toEqual([0.5, false, false, false])
    budget.use(20)
    expect(state()).toEqual([0, true, false, false])
    budget.use(30)
    expect(state()).toEqual([0, true, true, false])
    budget.use(10)
    expect(state()).toEqual([0, true, true, true])
  })

  test('reckons with what hosts have been asked for, but refuses nobody for it', () => {
    const budget = new SpoolBudget({ bytes: 80, stallMs: 1 })
    budget.promise(80)
    expect([budget.isTight, budget.isFull, budget.isSpent]).toEqual([true, true, false])
    budget.promise(-60)
    expect([budget.ease, budget.used]).toEqual([0.5, 0])
  })

  test('wakes those who wait only when it gets less tight or less full', async () => {
    const clock = new FakeClock()
    const budget = new SpoolBudget({ bytes: 100, stallMs: 1, now: clock.now, setTimer: clock.setTimer })
    let wakes = 0
    const waiting = budget.onEase(() => wakes++)
    budget.use(120)
    budget.use(-20)
    expect(wakes).toBe(0)
    budget.use(-15)
    expect(wakes).toBe(1)
    await clock.advance(20)
    budget.use(-45)
    expect(wakes).toBe(2)
    waiting[Symbol.dispose]()
    await clock.advance(20)
    budget.use(100)
    budget.use(-100)
    await clock.advance(20)
    expect(wakes).toBe(2)
  })

  test('wakes them soon, and once for all that happens in 20 ms', async () => {
    const clock = new FakeClock()
    const budget = new SpoolBudget({ bytes: 100, stallMs: 1, now: clock.now, setTimer: clock.setTimer })
    let wakes = 0
    budget.onEase(() => wakes++)
    budget.use(50)
    for (let i = 0; i < 100; i++) {
      budget.use(-1)
      budget.use(1)
    }
    budget.use(-1)
    expect(wakes).toBe(1)
    await clock.advance(20)
    expect([wakes, clock.timers]).toEqual([2, 0])
    await clock.advance(1_000)
    expect(wakes).toBe(2)
  })

  test('cuts off nobody while nobody waits, then only who has stalled and is in the way', async () => {
    const clock = new FakeClock()
    const budget = new SpoolBudget({ bytes: 100, stallMs: 5_000, now: clock.now, every: clock.every })
    budget.use(80)
    const [stalled, full, fresh] = [spoolOf(0), spoolOf(0, { isFull: true }), spoolOf(9_000)]
    for (const spool of [stalled, full, fresh]) budget.enter(spool)
    await clock.advance(8_000)
    expect(stalled.failures).toEqual([])
    const roomy = budget.waiting({})
    await clock.advance(1_000)
    expect([stalled.failures.length, full.failures.length, fresh.failures.length]).toEqual([0, 1, 0])
    roomy[Symbol.dispose]()
    expect(clock.timers).toBe(0)
    budget.use(10)
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
