import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Outlet, Pump } from '../../src/pcm/pump.ts'
import type { Bytes, Supply, Waiter } from '../../src/speech.ts'
import { settle } from '../fakes/clock.ts'
import { supplyOf } from '../fakes/supply.ts'

/** A listener's end that takes so many writes at once. */
class FakeOutlet implements Outlet {
  readonly written: number[] = []
  readonly sizes: number[] = []
  end_ = 0
  failure: unknown
  room: number

  constructor(room = Number.POSITIVE_INFINITY) {
    this.room = room
  }

  get hasRoom(): boolean {
    return this.room > 0
  }

  write(bytes: Bytes): void {
    this.room--
    this.sizes.push(bytes.length)
    this.written.push(...bytes)
  }

  end(): void {
    this.end_++
  }

  fail(reason: unknown): void {
    this.failure = reason
  }
}

/** Bytes in one memory that is used again for each piece, as lent ones are. */
const lent = (...sizes: number[]): Supply<Bytes> => {
  const memory = new Uint8Array(100)
  let piece = 0
  return supplyOf(async () => {
    const size = sizes.shift()
    return size === undefined ? undefined : memory.subarray(0, size).fill(++piece)
  })
}

const quiet = async () => {
  for (let i = 0; i < 20; i++) await settle()
}

describe('Pump', () => {
  test('carries lent bytes in order, in slices of five eighths of the capacity at most', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 200 }),
        async (sizes, capacity) => {
          const outlet = new FakeOutlet()
          const done = Promise.withResolvers<void>()
          outlet.end = () => done.resolve()
          new Pump(lent(...sizes), outlet, { capacity }).go()
          await done.promise
          expect(outlet.written).toEqual(sizes.flatMap((size, i) => Array(size).fill(i + 1)))
          expect(Math.max(0, ...outlet.sizes)).toBeLessThanOrEqual(Math.ceil((capacity * 5) / 8))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('takes nothing while its outlet has no room, and goes on when told', async () => {
    let asked = 0
    const outlet = new FakeOutlet(2)
    const pump = new Pump(
      supplyOf(async () => new Uint8Array([asked++])),
      outlet,
      { capacity: 1000 },
    )
    pump.go()
    await quiet()
    expect([outlet.written, asked]).toEqual([[0, 1], 2])
    outlet.room = 1
    pump.go()
    await quiet()
    expect([outlet.written, asked]).toEqual([[0, 1, 2], 3])
  })

  test('fails as its source does, and asks it no more', async () => {
    const outlet = new FakeOutlet()
    const broken = new Error('broke off')
    const pump = new Pump(
      supplyOf(() => Promise.reject(broken)),
      outlet,
      { capacity: 10 },
    )
    pump.go()
    await quiet()
    outlet.failure = [outlet.failure]
    pump.go()
    expect([outlet.failure, outlet.end_]).toEqual([[broken], 0])
  })

  test('breaks off when its source does, room or not, and only once', async () => {
    const outlet = new FakeOutlet(1)
    const source = {
      ...{ isOver: false, take: () => new Uint8Array(1), wait: () => {} },
      breakOff: (_: unknown) => {},
      onBreak(breakOff: (reason: unknown) => void) {
        this.breakOff = breakOff
      },
    }
    new Pump(source, outlet, { capacity: 10 }).go()
    source.breakOff('shut down')
    source.breakOff('again')
    expect([outlet.failure, outlet.written]).toEqual(['shut down', [0]])
  })

  test('takes nothing more for a listener who has left, and tells the source', async () => {
    const waiters: Waiter[] = []
    const told: unknown[] = []
    let taken = 0
    const source = {
      isOver: false,
      take: () => void taken++,
      wait: (waiter: Waiter) => void waiters.push(waiter),
      left: (reason: unknown) => void told.push(reason),
    }
    const pump = new Pump(source, new FakeOutlet(), { capacity: 10 })
    pump.go()
    pump.left('bye')
    waiters[0]!.wake()
    expect([told, taken, waiters.length]).toEqual([['bye'], 1, 1])
  })
})
