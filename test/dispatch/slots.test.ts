import { describe, expect, test } from 'bun:test'
import { Slots } from '../../src/dispatch/slots.ts'
import { settle } from '../fakes/clock.ts'

const live = () => new AbortController().signal

describe('Slots', () => {
  test('gives places in the order in which they were asked for', async () => {
    const slots = new Slots({ size: 1 })
    const order: number[] = []
    const first = await slots.take(live())
    const waiting = [1, 2, 3].map(async (n) => {
      using _ = await slots.take(live())
      order.push(n)
    })
    expect([slots.taken, slots.waiting, slots.load]).toEqual([1, 3, 4])
    first[Symbol.dispose]()
    await Promise.all(waiting)
    expect(order).toEqual([1, 2, 3])
    expect(slots.taken).toBe(0)
  })

  test('lets those go who abort while they wait', async () => {
    const slots = new Slots({ size: 1 })
    const held = await slots.take(live())
    const leaving = new AbortController()
    const waiting = slots.take(leaving.signal)
    leaving.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    expect(slots.waiting).toBe(0)
    held[Symbol.dispose]()
    expect(slots.taken).toBe(0)
  })

  test('gives a place back once, however often it is disposed of', async () => {
    const slots = new Slots({ size: 2 })
    const [one] = await Promise.all([slots.take(live()), slots.take(live())])
    one[Symbol.dispose]()
    one[Symbol.dispose]()
    expect(slots.taken).toBe(1)
  })

  test('refuses more waiters than its queue holds', async () => {
    const slots = new Slots({ size: 1, queue: 1 })
    await slots.take(live())
    slots.take(live())
    await expect(slots.take(live())).rejects.toThrow('Host is overloaded: 1 clauses wait for it')
  })

  test('refuses one who has left already', async () => {
    const slots = new Slots({ size: 1 })
    await expect(slots.take(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
    await settle()
    expect(slots.taken).toBe(0)
  })

  test('refuses a size that is no positive integer', () => {
    expect(() => new Slots({ size: 0 })).toThrow('size must be a positive integer, current value is 0')
  })
})
