import { describe, expect, test } from 'bun:test'
import { queueConfig, tenantConfig } from '../../src/dispatch/config.ts'

describe('queueConfig', () => {
  test('has a bound for clauses, characters and the wait', () => {
    const bounds = { maxRequests: 4_096, maxChars: 1_000_000, maxWaitMs: 30_000 }
    expect(queueConfig.parse({})).toEqual({ ...bounds, agingMs: 2_000 })
  })

  test('refuses what makes no queue', () => {
    for (const wrong of [
      { maxRequests: 0 },
      { maxChars: 0.5 },
      { maxWaitMs: 0 },
      { agingMs: 0 },
      { max: 1 },
    ]) {
      expect(queueConfig.safeParse(wrong).success).toBe(false)
    }
  })
})

describe('tenantConfig', () => {
  test('gives each an equal share unless it says otherwise', () => {
    expect(tenantConfig.parse({ id: 'a' })).toEqual({ id: 'a', weight: 1, maxPriority: 0, degrade: true })
  })

  test('refuses weights and priorities out of bounds', () => {
    for (const wrong of [
      { weight: 0 },
      { weight: 1_001 },
      { maxPriority: 11 },
      { deadlineMs: 0 },
      { share: 1 },
    ]) {
      expect(tenantConfig.safeParse({ id: 'a', ...wrong }).success).toBe(false)
    }
    expect(tenantConfig.safeParse({}).success).toBe(false)
  })
})
