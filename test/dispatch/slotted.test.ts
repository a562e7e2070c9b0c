import { describe, expect, test } from 'bun:test'
import { Slots } from '../../src/dispatch/slots.ts'
import { slotted } from '../../src/dispatch/slotted.ts'
import type { Pcm } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { settle } from '../fakes/clock.ts'
import { counting, endless, pcmOf } from '../fakes/samples.ts'

const clause = clauseOf('Hello.')
const live = () => new AbortController().signal

describe('slotted()', () => {
  test('holds a slot until the last sample is read', async () => {
    const slots = new Slots({ size: 1 })
    const pcm = await slotted(slots)(async () => pcmOf([counting(5)]))(clause, { signal: live() })
    await pcm.read()
    expect(slots.taken).toBe(1)
    await pcm.read()
    expect(slots.taken).toBe(0)
  })

  test('gives the slot back when the call fails before or in its audio', async () => {
    const slots = new Slots({ size: 1 })
    const refuses = slotted(slots)(async () => {
      throw new Error('refused')
    })
    await expect(refuses(clause, { signal: live() })).rejects.toThrow('refused')
    await settle()
    expect(slots.taken).toBe(0)
    const pcm = await slotted(slots)(async () => pcmOf([], { fails: new Error('cut') }))(clause, {
      signal: live(),
    })
    await expect(pcm.read()).rejects.toThrow('cut')
    expect(slots.taken).toBe(0)
  })

  test('lets the caller go at once, and the slot only when the host is free', async () => {
    const slots = new Slots({ size: 1 })
    const host = Promise.withResolvers<Pcm>()
    const leaving = new AbortController()
    const call = slotted(slots)(() => host.promise)(clause, { signal: leaving.signal })
    await settle()
    leaving.abort(new Error('left'))
    await expect(call).rejects.toThrow('left')
    expect(slots.taken).toBe(1)
    host.reject(new Error('drained'))
    await settle()
    expect(slots.taken).toBe(0)
  })

  test('asks nothing of the host when the slot comes just as the caller leaves', async () => {
    const slots = new Slots({ size: 1 })
    const held = await slots.take(live())
    const leaving = new AbortController()
    let calls = 0
    const call = slotted(slots)(async () => {
      calls++
      return pcmOf(endless(10))
    })(clause, { signal: leaving.signal })
    await settle()
    held[Symbol.dispose]()
    leaving.abort(new Error('left'))
    await expect(call).rejects.toThrow('left')
    expect([calls, slots.taken]).toEqual([0, 0])
  })

  test('cancels audio that comes after the caller has left', async () => {
    const slots = new Slots({ size: 1 })
    const host = Promise.withResolvers<Pcm>()
    const leaving = new AbortController()
    const call = slotted(slots)(() => host.promise)(clause, { signal: leaving.signal })
    await settle()
    leaving.abort(new Error('left'))
    await call.catch(() => {})
    const late = pcmOf(endless(10))
    host.resolve(late)
    await settle()
    expect(late.cancelled()).toEqual(new Error('left'))
    expect(slots.taken).toBe(0)
  })

  test('keeps the slot while a cancelled stream is being drained', async () => {
    const slots = new Slots({ size: 1 })
    const drained = Promise.withResolvers<void>()
    const inner = { ...pcmOf(endless(10)), cancel: () => drained.promise }
    const pcm = await slotted(slots)(async () => inner)(clause, { signal: live() })
    pcm.cancel('left')
    await settle()
    expect(slots.taken).toBe(1)
    drained.resolve()
    await settle()
    expect(slots.taken).toBe(0)
  })

  test('keeps the slot through a cancel that ends a pending read', async () => {
    const slots = new Slots({ size: 1 })
    const drained = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<undefined>()
    const inner = {
      ...pcmOf([]),
      read: () => ended.promise,
      cancel() {
        ended.resolve(undefined)
        return drained.promise
      },
    }
    const pcm = await slotted(slots)(async () => inner)(clause, { signal: live() })
    const read = pcm.read()
    pcm.cancel('left')
    expect(await read).toBeUndefined()
    await settle()
    expect(slots.taken).toBe(1)
    drained.resolve()
    await settle()
    expect(slots.taken).toBe(0)
  })
})
