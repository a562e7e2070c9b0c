import { describe, expect, test } from 'bun:test'
import { Flow } from '../../src/pcm/flow.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Bytes, Encoder } from '../../src/speech.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { counting } from '../fakes/samples.ts'
import { FakeSupply } from '../fakes/supply.ts'

const RATE = 24_000
const ms = (count: number) => (RATE / 1000) * count

/** Encodes as plain PCM and says when it was let go. */
const plain = (): Encoder & { disposed: number } => ({
  rate: RATE,
  bytesPerSecond: RATE * 2,
  disposed: 0,
  push: (samples) =>
    new Uint8Array(samples.buffer.slice(samples.byteOffset, samples.byteOffset + samples.byteLength)),
  end: () => new Uint8Array([255]),
  [Symbol.dispose]() {
    this.disposed++
  },
})

describe('Flow', () => {
  test('gives nothing before 30 ms of audio are there, then all of it', async () => {
    const clock = new FakeClock()
    const source = new FakeSupply()
    const flow = new Flow(source, { encoder: plain(), setTimer: clock.setTimer })
    let first: Bytes | undefined
    nextOf(flow).then((bytes) => (first = bytes))
    source.give(counting(ms(20)))
    await settle()
    expect(first).toBeUndefined()
    source.give(counting(ms(12)))
    await settle()
    expect(first?.length).toBe(ms(32) * 2)
    expect(clock.timers).toBe(0)
  })

  test('holds no audio for longer than 20 ms', async () => {
    const clock = new FakeClock()
    const source = new FakeSupply()
    const flow = new Flow(source, { encoder: plain(), setTimer: clock.setTimer })
    let first: Bytes | undefined
    nextOf(flow).then((bytes) => (first = bytes))
    source.give(counting(ms(5)))
    await clock.advance(19)
    expect(first).toBeUndefined()
    await clock.advance(1)
    expect(first?.length).toBe(ms(5) * 2)
  })

  test('loses nothing when audio comes just after a hold ran out', async () => {
    const clock = new FakeClock()
    const source = new FakeSupply()
    const flow = new Flow(source, { encoder: plain(), setTimer: clock.setTimer })
    const parts: Bytes[] = []
    const first = nextOf(flow)
    source.give(counting(10))
    await clock.advance(20)
    parts.push((await first)!)
    source.give(counting(10, 10))
    source.end()
    for (let part = await nextOf(flow); part; part = await nextOf(flow)) parts.push(part)
    const bytes = Uint8Array.from(parts.flatMap((part) => [...part]))
    expect(new Int16Array(bytes.buffer.slice(0, 40))).toEqual(counting(20))
    expect(bytes.at(-1)).toBe(255)
  })

  test('goes over to chunks of 100 ms after the first half second', async () => {
    const source = new FakeSupply(...Array.from({ length: 200 }, () => counting(ms(10)))).end()
    const flow = new Flow(source, { encoder: plain() })
    const sizes: number[] = []
    for (let part = await nextOf(flow); part; part = await nextOf(flow)) sizes.push(part.length / 2 / ms(1))
    expect(sizes.slice(0, 18)).toEqual([...Array(17).fill(30), 100]) // half a second is over with 510 ms
    expect(sizes.slice(-3, -1)).toEqual([100, 100])
    expect(flow.seconds).toBe(2)
  })

  test('ends with the encoder’s tail, and without a header when there was no audio', async () => {
    const none = new Flow(new FakeSupply().end(), { encoder: plain() })
    expect(await nextOf(none)).toBeUndefined()
  })

  test('rejects as its source does, after the audio before it', async () => {
    const flow = new Flow(new FakeSupply(counting(ms(40))).end(new Error('host died')), { encoder: plain() })
    expect((await nextOf(flow))?.length).toBe(ms(40) * 2)
    await expect(nextOf(flow)).rejects.toThrow('host died')
  })

  test('lets its encoder and its source go when it is disposed of', async () => {
    const source = new FakeSupply(counting(ms(50)), counting(ms(50)))
    const encoder = plain()
    const flow = new Flow(source, { encoder })
    await nextOf(flow)
    flow[Symbol.dispose]()
    expect([source.disposed, encoder.disposed]).toEqual([1, 1])
    expect(await nextOf(flow)).toBeUndefined()
  })

  test('holds no audio beyond its end by a timer', async () => {
    const clock = new FakeClock()
    const source = new FakeSupply(counting(ms(5)))
    const flow = new Flow(source, { encoder: plain(), setTimer: clock.setTimer })
    const first = nextOf(flow)
    await settle()
    expect(clock.timers).toBe(1)
    source.end()
    expect((await first)?.length).toBe(ms(5) * 2 + 1)
    expect([clock.timers, await nextOf(flow)]).toEqual([0, undefined])
  })

  test('leaves no timer when it is disposed of with audio in hand', async () => {
    const clock = new FakeClock()
    const flow = new Flow(new FakeSupply(counting(ms(5))), { encoder: plain(), setTimer: clock.setTimer })
    nextOf(flow)
    await settle()
    flow[Symbol.dispose]()
    expect(clock.timers).toBe(0)
  })
})
