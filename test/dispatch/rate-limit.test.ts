import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { RateLimit } from '../../src/dispatch/rate-limit.ts'

function limited(perSecond: number) {
  let at = 1000
  const limit = new RateLimit({ perSecond, now: () => at })
  return {
    limit,
    pass: (ms: number) => {
      at += ms
    },
    /** Takes as many as may begin now. */
    burst: () => {
      let taken = 0
      for (; limit.waitMs() === 0; taken++) limit.take()
      return taken
    },
  }
}

describe('RateLimit', () => {
  test('lets a tenth of a second’s calls begin at once, the others in their turn', () => {
    const { limit, pass, burst } = limited(100)
    expect(burst()).toBe(10)
    expect(limit.waitMs()).toBeCloseTo(10)
    pass(10)
    expect(burst()).toBe(1)
    pass(1000)
    expect(burst()).toBe(10)
  })

  test('tells how long one must wait who comes after others', () => {
    const { limit: rate } = limited(20)
    expect([rate.waitMs(), rate.waitMs(1), rate.waitMs(2), rate.waitMs(10)]).toEqual([0, 0, 50, 450])
    rate.pause(200)
    expect([rate.waitMs(2), rate.waitMs(10)]).toEqual([200, 450])
  })

  test('lets one call begin at a time where a tenth is less than one', () => {
    const { limit, pass, burst } = limited(0.5)
    expect(burst()).toBe(1)
    expect(limit.waitMs()).toBeCloseTo(2000)
    pass(2000)
    expect(burst()).toBe(1)
  })

  test('never lets more begin in any second than its rate and a tenth of it', () => {
    const steps = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { maxLength: 200 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), steps, (perSecond, waits) => {
        const { pass, burst } = limited(perSecond)
        const taken: [number, number][] = []
        let at = 0
        for (const ms of waits) {
          taken.push([at, burst()])
          pass(ms)
          at += ms
        }
        for (const [from] of taken) {
          const calls = taken.filter(([time]) => time >= from && time < from + 1000)
          const count = calls.reduce((sum, [, n]) => sum + n, 0)
          expect(count).toBeLessThanOrEqual(perSecond + Math.max(1, perSecond / 10))
        }
      }),
    )
  })

  test('reaches its rate when each waits as long as it is told', () => {
    const { limit, pass } = limited(37)
    let ms = 0
    for (let i = 0; i < 371; i++) {
      const wait = limit.waitMs()
      pass(wait)
      ms += wait
      expect(limit.waitMs()).toBe(0)
      limit.take()
    }
    expect(ms).toBeCloseTo(((371 - 3) * 1000) / 37, 3)
  })

  test('makes those wait who come after one that did not', () => {
    const { limit } = limited(10)
    limit.take()
    limit.take()
    limit.take()
    expect(limit.waitMs()).toBeCloseTo(300)
  })

  test('pauses for as long as the longest pause that was asked for', () => {
    const { limit, pass } = limited(100)
    limit.pause(2000)
    limit.pause(500)
    expect(limit.waitMs()).toBe(2000)
    pass(1500)
    limit.pause(1000)
    expect(limit.waitMs()).toBe(1000)
    pass(1000)
    expect(limit.waitMs()).toBe(0)
  })

  test('tells a pause from a wait for the rate’s sake', () => {
    const { limit, pass, burst } = limited(10)
    burst()
    expect([limit.waitMs() > 0, limit.pausedMs()]).toEqual([true, 0])
    limit.pause(1000)
    pass(400)
    expect(limit.pausedMs()).toBe(600)
    pass(600)
    expect(limit.pausedMs()).toBe(0)
  })

  test('takes no pause that is none, and no endless one', () => {
    const { limit } = limited(100)
    for (const ms of [Number.NaN, -1, 0]) limit.pause(ms)
    expect(limit.waitMs()).toBe(0)
    limit.pause(Number.POSITIVE_INFINITY)
    expect(limit.waitMs()).toBe(300_000)
  })

  test('makes nobody wait longer for a clock that jumps back', () => {
    const { limit, pass, burst } = limited(10)
    burst()
    limit.pause(1000)
    pass(-1e9)
    expect(limit.waitMs()).toBe(1000)
    pass(1000)
    expect(burst()).toBe(1)
    pass(-1e9)
    expect(limit.waitMs()).toBeCloseTo(100)
  })

  test('lets no flood through for a clock that jumps far forward', () => {
    const { pass, burst } = limited(100)
    burst()
    pass(1e12)
    expect(burst()).toBe(10)
  })

  test('refuses a rate that is none', () => {
    expect(() => new RateLimit({ perSecond: 0 })).toThrow('perSecond must be positive, current value is 0')
    expect(new RateLimit({ perSecond: 1 }).waitMs()).toBe(0)
  })
})
