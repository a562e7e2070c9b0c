import { describe, expect, test } from 'bun:test'
import { fixedLimit } from '../../src/dispatch/limit.ts'

describe('fixedLimit()', () => {
  test('stays the same whatever becomes of calls', () => {
    const limit = fixedLimit(3)
    for (let i = 0; i < 100; i++) limit.done({ ms: 9e9, audioSeconds: 0, inFlight: 3, ok: false })
    expect(limit.size).toBe(3)
  })

  test('refuses a size that is no positive integer', () => {
    expect(() => fixedLimit(1.5)).toThrow('size must be a positive integer, current value is 1.5')
    expect(() => fixedLimit(0)).toThrow(RangeError)
  })
})
