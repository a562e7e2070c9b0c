import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Change } from '../../src/pcm/change.ts'
import { ring } from '../../src/pcm/ring.ts'
import { wakeSoon } from '../../src/pcm/supply.ts'
import type { Bytes, Supply, Waiter } from '../../src/speech.ts'
import { settle } from '../fakes/clock.ts'
import { supplyOf } from '../fakes/supply.ts'

/** Gives chunks that are lent: each is spoilt once the next is asked for. */
const from = (chunks: Bytes[]) => {
  const queue = [...chunks]
  let lent: Bytes | undefined
  return supplyOf(async () => {
    lent?.fill(0)
    lent = queue.shift()?.slice()
    return lent
  })
}

/** Bytes that come when they are told to. */
class FakeBytes implements Supply<Bytes> {
  readonly #there: Bytes[] = []
  readonly #change = new Change()
  readonly isOver = false
  waits = 0

  give(...bytes: Bytes[]): void {
    this.#there.push(...bytes)
    this.#change.wake()
  }

  /** How many have not been taken. */
  get untaken(): number {
    return this.#there.length
  }

  take(): Bytes | undefined {
    return this.#there.shift()
  }

  wait(waiter: Waiter): void {
    this.waits++
    this.#change.wait(waiter)
  }
}

describe('ring()', () => {
  test('gives bytes in order whatever the chunks and the capacity', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })),
        fc.integer({ min: 1, max: 200 }),
        async (chunks, capacity) => {
          const whole = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]))
          const out = await new Response(ring(from(chunks), { capacity })).bytes()
          expect(out).toEqual(whole)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('asks for no more than fits while nobody reads', async () => {
    let asked = 0
    const stream = ring(
      supplyOf(async () => {
        asked++
        return new Uint8Array(100)
      }),
      { capacity: 1000 },
    )
    const quiet = async () => {
      for (let i = 0; i < 10; i++) await settle()
    }
    await quiet()
    expect(asked).toBe(4) // the high-water mark leaves room for the largest slice
    const reader = stream.getReader()
    await reader.read()
    await quiet()
    expect(asked).toBe(5)
    await reader.cancel()
  })

  test('lets the event loop turn after the first chunk, then once in two capacities', async () => {
    let turns = 0
    const count = () => {
      turns++
      counting = setImmediate(count)
    }
    let counting = setImmediate(count)
    const chunks = Array.from({ length: 20 }, () => new Uint8Array(100))
    await new Response(ring(from(chunks), { capacity: 160 })).bytes()
    clearImmediate(counting)
    expect(turns).toBeGreaterThanOrEqual(5)
  })

  test('slices a chunk that is larger than its slice', async () => {
    const reader = ring(from([new Uint8Array(250)]), { capacity: 160 }).getReader()
    const sizes = []
    for (let read = await reader.read(); !read.done; read = await reader.read()) sizes.push(read.value.length)
    expect(sizes).toEqual([100, 100, 50])
  })

  test('gives a slow reader no crumbs', async () => {
    const reader = ring(from(Array.from({ length: 50 }, () => new Uint8Array(100))), {
      capacity: 160,
    }).getReader()
    const sizes = []
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      sizes.push(read.value.length)
      await settle()
    }
    expect(sizes.every((size) => size >= 100)).toBe(true)
  })

  test('carries an error after the bytes before it', async () => {
    const chunks = [new Uint8Array(5)]
    const stream = ring(
      supplyOf(async () => {
        const chunk = chunks.shift()
        if (!chunk) throw new Error('host died')
        return chunk
      }),
      { capacity: 8 },
    )
    const reader = stream.getReader()
    expect((await reader.read()).value?.length).toBe(5)
    await expect(reader.read()).rejects.toThrow('host died')
  })

  test('tells of a listener who leaves, once, with the reason', async () => {
    const reasons: unknown[] = []
    const source = Object.assign(
      supplyOf(async () => new Uint8Array(10)),
      { left: (reason: unknown) => void reasons.push(reason) },
    )
    const reader = ring(source, { capacity: 20 }).getReader()
    await reader.read()
    await reader.cancel('bye')
    expect(reasons).toEqual(['bye'])
  })

  test('waits for its source by one wait, however often it is read meanwhile', async () => {
    const source = new FakeBytes()
    const reader = ring(source, { capacity: 1000 }).getReader()
    const reads = [reader.read(), reader.read(), reader.read()]
    await settle()
    expect(source.waits).toBe(1)
    source.give(new Uint8Array(1), new Uint8Array(2), new Uint8Array(3))
    const sizes = await Promise.all(reads.map(async (read) => (await read).value?.length))
    expect([sizes, source.waits]).toEqual([[1, 2, 3], 2])
  })

  test('takes nothing more when it is woken after its listener has left', async () => {
    const source = new FakeBytes()
    const reader = ring(source, { capacity: 1000 }).getReader()
    const read = reader.read()
    await settle()
    await reader.cancel()
    source.give(new Uint8Array(1))
    await settle()
    expect([(await read).done, source.untaken]).toEqual([true, 1])
  })

  test('refuses a capacity that is no positive integer', () => {
    expect(() => ring(from([]), { capacity: 0 })).toThrow(
      new RangeError('Cannot create ring: capacity must be a positive integer, current value is 0'),
    )
  })

  test('fails only once what came before has been taken', async () => {
    const parts = [new Uint8Array([1]), new Uint8Array([2])]
    const next = async () => parts.shift() ?? Promise.reject(new Error('broke off'))
    const reader = ring(supplyOf(next), { capacity: 100 }).getReader()
    await new Promise((resolve) => setTimeout(resolve, 5)) // all of it is asked for meanwhile
    expect((await reader.read()).value).toEqual(new Uint8Array([1]))
    expect((await reader.read()).value).toEqual(new Uint8Array([2]))
    await expect(reader.read()).rejects.toThrow('broke off')
  })

  test('ends with what comes last, and tells so once', async () => {
    let ended = 0
    const chunks = [new Uint8Array(2), new Uint8Array(3)]
    const source = {
      take: () => chunks.shift(),
      wait: wakeSoon,
      get isOver() {
        return chunks.length === 0
      },
      ended: () => void ended++,
    }
    const reader = ring(source, { capacity: 4 }).getReader()
    const sizes = []
    for (let read = await reader.read(); !read.done; read = await reader.read()) sizes.push(read.value.length)
    expect([sizes, ended]).toEqual([[2, 3], 1])
  })
})
