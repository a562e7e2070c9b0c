import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Backlog } from '../../src/pcm/backlog.ts'
import { counting } from '../fakes/samples.ts'

describe('Backlog', () => {
  test('gives the samples in order, whatever the pieces in and out', () => {
    const sizes = fc.array(
      fc.record({ give: fc.integer({ min: 0, max: 20_000 }), take: fc.integer({ min: 1, max: 20_000 }) }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(sizes, (steps) => {
        const backlog = new Backlog()
        let [given, taken] = [0, 0]
        for (const { give, take } of steps) {
          backlog.push(counting(give, given % 1000))
          given += give
          expect(backlog.size).toBe(given - taken)
          taken += backlog.take(take).length
        }
        const other = new Backlog()
        other.push(counting(30_000, 7)) // blocks that were given back are not shared
        for (let part = backlog.take(1e6); part.length > 0; part = backlog.take(1e6)) taken += part.length
        expect(taken).toBe(given)
        expect(other.take(3)).toEqual(counting(3, 7))
      }),
    )
  })

  test('gives each sample once and none else', () => {
    const backlog = new Backlog()
    for (let at = 0; at < 30_000; at += 700) backlog.push(counting(700, at))
    const heard: number[] = []
    for (let part = backlog.take(999); part.length > 0; part = backlog.take(999)) heard.push(...part)
    expect(heard).toEqual([...counting(heard.length)])
    expect(heard.length).toBe(43 * 700)
  })

  test('forgets what waits when it is cleared, and goes on', () => {
    const backlog = new Backlog()
    backlog.push(counting(20_000))
    backlog.clear()
    expect([backlog.size, backlog.take(10).length]).toEqual([0, 0])
    backlog.push(counting(5))
    expect(backlog.take(10)).toEqual(counting(5))
  })

  test('hands on a small piece as it came, and keeps no more of a large one than its samples', () => {
    const backlog = new Backlog()
    const small = counting(100)
    backlog.push(small)
    expect(backlog.take(100)).toBe(small)
    const large = counting(20_000)
    backlog.push(large.subarray(0, 10))
    large.fill(0)
    expect(backlog.take(10)).toEqual(counting(10))
  })
})
