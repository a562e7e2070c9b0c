import { describe, expect, test } from 'bun:test'
import { AutoLimit, type AutoLimitOptions } from '../../src/dispatch/auto-limit.ts'
import type { FinishedCall } from '../../src/dispatch/limit.ts'
import { SimulatedHost, type SimulatedHostOptions, seeded } from './simulated-host.ts'

const MINUTE = 60_000

/** 150 ms for a call and a tenth of real time, give or take as much as `noise` says. */
const work =
  (random: () => number, noise: number): SimulatedHostOptions['workMs'] =>
  (audioSeconds) =>
    (150 + 100 * audioSeconds) * Math.exp(noise * 2 * (random() + random() + random() - 1.5))

interface Trial extends Partial<SimulatedHostOptions> {
  seed?: number
  noise?: number
  limit?: AutoLimitOptions
}

function trial({ seed = 1, noise = 0.3, limit: options, ...rest }: Trial) {
  const limit = new AutoLimit(options)
  const random = seeded(seed)
  const host = new SimulatedHost({
    capacity: () => 8,
    workMs: work(random, noise),
    random,
    size: () => limit.size,
    onDone: (call) => limit.done(call),
    ...rest,
  })
  return { limit, host }
}

const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!

const call: FinishedCall = { ms: 500, audioSeconds: 5, inFlight: 4, ok: true }
const repeat = (limit: AutoLimit, count: number, rest: Partial<FinishedCall> = {}) => {
  for (let i = 0; i < count; i++) limit.done({ ...call, inFlight: limit.size, ...rest })
}

describe('AutoLimit', () => {
  for (const capacity of [1, 2, 3, 4, 8, 16, 64]) {
    for (const noise of [0, 0.3]) {
      test(`finds what a host of ${capacity} can bear, its times off by a factor of ${Math.exp(noise).toFixed(1)}`, () => {
        for (const seed of [1, 2, 3]) {
          const { host } = trial({ seed, noise, capacity: () => capacity })
          host.run(7 * MINUTE)
          const { throughput, slowness, sizes } = host.between(2 * MINUTE, 7 * MINUTE, capacity)
          expect(throughput).toBeGreaterThan(0.9)
          expect(slowness).toBeLessThan(2)
          expect(middle(sizes)).toBeWithin(0.6 * capacity, 2 * capacity + 0.01)
        }
      })
    }
  }

  test('follows a host whose capacity falls and rises', () => {
    for (const seed of [1, 2, 3]) {
      const capacity = (at: number) => (at < 5 * MINUTE ? 8 : at < 10 * MINUTE ? 2 : 16)
      const { host } = trial({ seed, capacity })
      host.run(15 * MINUTE)
      for (const [from, expected] of [
        [2, 8],
        [7, 2],
        [12, 16],
      ] as const) {
        const { throughput, slowness, sizes } = host.between(from * MINUTE, (from + 3) * MINUTE, expected)
        expect(throughput).toBeGreaterThan(0.9)
        expect(slowness).toBeLessThan(2)
        expect(middle(sizes)).toBeWithin(0.6 * expected, 2 * expected)
      }
    }
  })

  test('gives a host that has become slower or faster as many calls as before', () => {
    const pace = (at: number) => (at < 4 * MINUTE ? 1 : at < 10 * MINUTE ? 3 : 0.5)
    const random = seeded(1)
    const { host } = trial({
      random,
      workMs: (seconds, at) => work(random, 0.3)(seconds, at) * pace(at),
    })
    host.run(14 * MINUTE)
    for (const from of [2, 7, 12]) {
      const { throughput, sizes } = host.between(from * MINUTE, (from + 2) * MINUTE, 8)
      expect(throughput).toBeGreaterThan(0.9)
      expect(middle(sizes)).toBeWithin(5, 16)
    }
  })

  test('does not take a saturated pace for its host’s own, however long the host is saturated', () => {
    const { host } = trial({ noise: 0 })
    host.run(120 * MINUTE)
    const { slowness, sizes } = host.between(100 * MINUTE, 120 * MINUTE, 8)
    expect(slowness).toBeLessThan(1.7)
    expect(Math.max(...sizes)).toBeLessThan(17)
  })

  test('is not led astray by load that comes in bursts', () => {
    const { host } = trial({ wanted: (at) => (Math.floor(at / 5000) % 2 ? 40 : 2) })
    host.run(30 * MINUTE)
    expect(middle(host.between(5 * MINUTE, 30 * MINUTE, 8).sizes)).toBeWithin(5, 16)
  })

  test('stays where it is while it is not used', () => {
    const limit = new AutoLimit({ start: 8 })
    repeat(limit, 500, { inFlight: 4 })
    expect(limit.size).toBe(8)
    const { host } = trial({ limit: { start: 8 }, wanted: () => 4 })
    host.run(10 * MINUTE)
    expect(new Set(host.between(0, 10 * MINUTE, 8).sizes)).toEqual(new Set([8]))
  })

  test('shrinks while calls fail and comes back after that', () => {
    const { host } = trial({ failures: (at) => (at > 3 * MINUTE && at < 5 * MINUTE ? 0.5 : 0.005) })
    host.run(10 * MINUTE)
    expect(middle(host.between(2 * MINUTE, 3 * MINUTE, 8).sizes)).toBeWithin(5, 16)
    expect(middle(host.between(4 * MINUTE, 5 * MINUTE, 8).sizes)).toBeLessThan(3)
    expect(middle(host.between(8 * MINUTE, 10 * MINUTE, 8).sizes)).toBeWithin(5, 16)
  })

  test('falls to its least when every call fails', () => {
    const limit = new AutoLimit({ start: 16, min: 2 })
    repeat(limit, 1000, { ok: false, audioSeconds: 0 })
    expect(limit.size).toBe(2)
  })

  test('rises to its most where a host never slows down', () => {
    const { host } = trial({ capacity: () => 1000, limit: { max: 24 } })
    host.run(5 * MINUTE)
    expect(Math.max(...host.between(0, 5 * MINUTE, 24).sizes)).toBe(24)
  })

  test('is not moved by one call that hung, nor by calls without audio', () => {
    const [calm, shaken] = [new AutoLimit(), new AutoLimit()]
    for (let i = 0; i < 30; i++) {
      repeat(calm, 12)
      repeat(shaken, 4)
      repeat(shaken, 1, { ms: 60_000 })
      repeat(shaken, 9, { audioSeconds: 0 })
      repeat(shaken, 7)
      expect(shaken.size).toBe(calm.size)
    }
    expect(calm.size).toBeGreaterThan(4)
  })

  test('takes short and long clauses for what they are', () => {
    const { limit } = trial({})
    for (let i = 0; i < 1000; i++) {
      const audioSeconds = i % 2 ? 1 : 20
      limit.done({ ms: 100 * audioSeconds, audioSeconds, inFlight: limit.size, ok: true })
    }
    expect(limit.size).toBeGreaterThan(50)
  })

  test('refuses bounds that make no sense', () => {
    expect(() => new AutoLimit({ min: 5 })).toThrow(
      'must be integers that rise from 1, current values are 5, 4 and 1024',
    )
    expect(() => new AutoLimit({ start: 2.5 })).toThrow('Cannot create limit')
    expect(() => new AutoLimit({ min: 0 })).toThrow('Cannot create limit')
  })
})
