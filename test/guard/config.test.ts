import { expect, test } from 'bun:test'
import { attemptsConfig, breakerConfig, degradeConfig, hedgeConfig } from '../../src/guard/config.ts'

test('the guards’ defaults are those that are documented', () => {
  expect(attemptsConfig.parse({})).toEqual({
    tries: 2,
    baseMs: 200,
    maxMs: 10_000,
    budgetShare: 0.2,
    budgetPerSecond: 3,
    awaySeconds: 5,
  })
  expect(breakerConfig.parse({})).toEqual({
    failures: 3,
    failureShare: 0.5,
    minCalls: 20,
    windowSeconds: 10,
    openSeconds: 30,
  })
  expect(hedgeConfig.parse({})).toEqual({ enabled: false, percentile: 0.95, minMs: 100 })
  expect(degradeConfig.parse(undefined)).toBe('first')
})

test.each([
  ['attempts', attemptsConfig, { tries: -1 }],
  ['attempts', attemptsConfig, { attempts: 2 }],
  ['breaker', breakerConfig, { failureShare: 0 }],
  ['hedge', hedgeConfig, { percentile: 1 }],
  ['degrade', degradeConfig, 'sometimes'],
] as const)('the config of %s refuses what cannot be meant', (_, schema, value) => {
  expect(schema.safeParse(value).success).toBe(false)
})
