import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { RetryBudget } from '../../src/guard/retry-budget.ts'

const spend = (budget: RetryBudget, most = 1_000): number => {
  let spent = 0
  while (spent < most && budget.withdraw()) spent++
  return spent
}

test('RetryBudget always has three a second, counted over ten', () => {
  let now = 0
  const budget = new RetryBudget({ now: () => now })
  expect(spend(budget)).toBe(30)
  now = 9_999
  expect(spend(budget)).toBe(0)
  now = 11_000
  expect(spend(budget)).toBe(30)
})

test('RetryBudget gives a fifth of the calls when that is more', () => {
  let now = 0
  const budget = new RetryBudget({ now: () => now })
  for (let i = 0; i < 1_000; i++) budget.deposit()
  expect(spend(budget)).toBe(200)
  now = 5_000
  for (let i = 0; i < 5; i++) budget.deposit()
  expect(spend(budget)).toBe(1)
  now = 11_000 // the first thousand count no more
  expect(spend(budget)).toBe(29)
})

test('RetryBudget with nothing to give gives nothing', () => {
  const budget = new RetryBudget({ share: 0, perSecond: 0 })
  budget.deposit()
  expect(budget.withdraw()).toBe(false)
})

test('RetryBudget never gives more than its share or floor in a window, whatever comes when', () => {
  const step = fc.record({ ms: fc.nat(700), calls: fc.nat(60), asks: fc.nat(40) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let now = 0
      const budget = new RetryBudget({ now: () => now })
      const log: { at: number; calls: number; spent: number }[] = []
      for (const { ms, calls, asks } of steps) {
        now += ms
        for (let i = 0; i < calls; i++) budget.deposit()
        log.push({ at: now, calls, spent: spend(budget, asks) })
        const within = (reach: number) => log.filter(({ at }) => at > now - reach)
        const spent = within(10_000).reduce((sum, each) => sum + each.spent, 0)
        const made = within(11_000).reduce((sum, each) => sum + each.calls, 0)
        expect(spent).toBeLessThanOrEqual(Math.max(30, made * 0.2))
      }
    }),
  )
})
