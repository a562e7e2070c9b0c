import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Throughput } from '../../src/dispatch/throughput.ts'
import { FakeClock } from '../fakes/clock.ts'
import { seeded } from './simulated-host.ts'

interface Steady {
  readonly size: number
  readonly fixedMs: number
  readonly msPerCharacter: number
  readonly seed: number
}

/** Says clauses of 20 to 120 characters in their turn; tells for each that waited what was estimated and what it was. */
function queued({ size, fixedMs, msPerCharacter, seed }: Steady, count: number) {
  const random = seeded(seed)
  let now = 0
  const throughput = new Throughput({ now: () => now })
  const clauses = Array.from({ length: count }, () => 20 + Math.floor(100 * random()))
  const msOf = (characters: number) => fixedMs + msPerCharacter * characters
  const free = Array.from({ length: size }, () => random() * msOf(70)) // when each place is, as if they had been at work
  const begun = clauses.map((characters) => {
    const place = free.indexOf(Math.min(...free))
    const at = free[place]!
    free[place] = at + msOf(characters)
    return { characters, at, end: free[place]! }
  })
  const ends = begun.toSorted((a, b) => a.end - b.end)
  return begun.slice(20 + size).map(({ at }, i) => {
    const first = 20 + size + i - Math.min(i + 1, 8 * size) // the last that has begun when it comes
    now = begun[first]!.at + random() * ((begun[first + 1]?.at ?? at) - begun[first]!.at)
    while (ends[0] && ends[0].end <= now) {
      const { characters, end } = ends.shift()!
      const present = now
      now = end
      throughput.done({ characters, ms: msOf(characters) })
      now = present
    }
    const ahead = begun.slice(first + 1, 20 + size + i)
    const characters = ahead.reduce((sum, clause) => sum + clause.characters, 0)
    return { estimate: throughput.waitMs({ characters, running: size, size }), actual: at - now }
  })
}

describe('Throughput', () => {
  test('tells nobody to wait who comes to a free place alone', () => {
    const throughput = new Throughput()
    expect(throughput.waitMs({ characters: 0, running: 3, size: 4 })).toBe(0)
    throughput.done({ characters: 100, ms: 5000 })
    expect(throughput.waitMs({ characters: 0, running: 3, size: 4 })).toBe(0)
    expect(throughput.waitMs({ characters: 0, running: 4, size: 4 })).toBeCloseTo(1000)
  })

  test('reckons with 15 characters in 0.3 s before anything is known', () => {
    const throughput = new Throughput()
    expect(throughput.waitMs({ characters: 150, running: 0, size: 2 })).toBeCloseTo(1500)
    expect(throughput.waitMs({ characters: 150, running: 2, size: 2 })).toBeCloseTo(2000)
  })

  test('is within 20 % of a steady host after 20 calls', () => {
    const steady = fc.record({
      size: fc.integer({ min: 1, max: 16 }),
      fixedMs: fc.integer({ min: 0, max: 400 }),
      msPerCharacter: fc.double({ min: 1, max: 200, noNaN: true }),
      seed: fc.integer(),
    })
    fc.assert(
      fc.property(steady, (host) => {
        const waits = queued(host, 20 + 40 * host.size)
        const [estimate, actual] = waits.reduce(
          ([e, a], wait) => [e + wait.estimate, a + wait.actual],
          [0, 0],
        )
        expect(estimate! / actual!).toBeWithin(0.8, 1.2)
      }),
    )
  })

  test('forgets how a host was by halves', async () => {
    const clock = new FakeClock()
    const throughput = new Throughput({ now: clock.now, halfLifeMs: 1000 })
    const perCharacter = () => throughput.waitMs({ characters: 1, running: 0, size: 1 })
    throughput.done({ characters: 10, ms: 1000 })
    await clock.advance(1000)
    throughput.done({ characters: 10, ms: 100 })
    expect(perCharacter()).toBeCloseTo(40)
    await clock.advance(20_000)
    throughput.done({ characters: 10, ms: 100 })
    expect(perCharacter()).toBeCloseTo(10, 2)
  })

  test('is not moved by the age of what it knows, nor by a clock that jumps', () => {
    let at = 0
    const throughput = new Throughput({ now: () => at })
    const wait = () => throughput.waitMs({ characters: 100, running: 1, size: 1 })
    throughput.done({ characters: 10, ms: 500 })
    const before = wait()
    at = 1e9
    expect(wait()).toBe(before)
    throughput.done({ characters: 10, ms: 500 })
    at = -1e9
    throughput.done({ characters: 10, ms: 500 })
    expect(wait()).toBeCloseTo(before)
    at = 1e15
    throughput.done({ characters: 10, ms: 500 })
    expect(wait()).toBeCloseTo(before)
  })

  test('learns nothing from a call without characters or with no time', () => {
    const throughput = new Throughput()
    throughput.done({ characters: 0, ms: 5000 })
    throughput.done({ characters: 5, ms: Number.NaN })
    expect(throughput.waitMs({ characters: 15, running: 0, size: 1 })).toBeCloseTo(300)
  })
})
