import { describe, expect, test } from 'bun:test'
import { SpoolBudget } from '../../src/pcm/spool-budget.ts'

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

  test('refuses a size that is not positive', () => {
    expect(() => new SpoolBudget({ bytes: 0, stallMs: 1 })).toThrow(
      'bytes must be positive, current value is 0',
    )
  })
})
