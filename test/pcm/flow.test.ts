import { describe, expect, test } from 'bun:test'
import { Flow } from '../../src/pcm/flow.ts'
import type { Bytes, Encoder, Samples } from '../../src/speech.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { counting } from '../fakes/samples.ts'

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

/** A source that is fed by hand. */
function byHand() {
  const { readable, writable } = new TransformStream<Samples, Samples>(
    {},
    { highWaterMark: 99 },
    { highWaterMark: 99 },
  )
  return {
    source: readable[Symbol.asyncIterator]() as AsyncIterator<Samples, void>,
    writer: writable.getWriter(),
  }
}

describe('Flow', () => {
  test('gives nothing before 30 ms of audio are there, then all of it', async () => {
    const clock = new FakeClock()
    const { source, writer } = byHand()
    const flow = new Flow(source, { encoder: plain(), setTimer: clock.setTimer })
    let first: Bytes | undefined
    flow.next().then((bytes) => (first = bytes))
    writer.write(counting(ms(20)))
    await settle()
    expect(first).toBeUndefined()
    writer.write(counting(ms(12)))
    await settle()
    expect(first?.length).toBe(ms(32) * 2)
    expect(clock.timers).toBe(0)
  })

  test('holds no audio for longer than 20 ms', async () => {
    const clock = new FakeClock()
    const { source, writer } = byHand()
    const flow = new Flow(source, { encoder: plain(), setTimer: clock.setTimer })
    let first: Bytes | undefined
    flow.next().then((bytes) => (first = bytes))
    writer.write(counting(ms(5)))
    await clock.advance(19)
    expect(first).toBeUndefined()
    await clock.advance(1)
    expect(first?.length).toBe(ms(5) * 2)
  })

  test('loses nothing when audio comes just after a hold ran out', async () => {
    const clock = new FakeClock()
    const { source, writer } = byHand()
    const flow = new Flow(source, { encoder: plain(), setTimer: clock.setTimer })
    const parts: Bytes[] = []
    const first = flow.next()
    writer.write(counting(10))
    await clock.advance(20)
    parts.push((await first)!)
    writer.write(counting(10, 10))
    writer.close()
    for (let part = await flow.next(); part; part = await flow.next()) parts.push(part)
    const bytes = Uint8Array.from(parts.flatMap((part) => [...part]))
    expect(new Int16Array(bytes.buffer.slice(0, 40))).toEqual(counting(20))
    expect(bytes.at(-1)).toBe(255)
  })

  test('goes over to chunks of 100 ms after the first half second', async () => {
    const source = Array.from({ length: 200 }, () => counting(ms(10)))[Symbol.iterator]()
    const flow = new Flow(
      (async function* () {
        yield* { [Symbol.iterator]: () => source }
      })(),
      { encoder: plain() },
    )
    const sizes: number[] = []
    for (let part = await flow.next(); part; part = await flow.next()) sizes.push(part.length / 2 / ms(1))
    expect(sizes[0]).toBe(30)
    expect(sizes.slice(-3, -1)).toEqual([100, 100])
    expect(flow.seconds).toBe(2)
  })

  test('ends with the encoder’s tail, and without a header when there was no audio', async () => {
    const none = new Flow((async function* (): AsyncGenerator<Samples, void> {})(), { encoder: plain() })
    expect(await none.next()).toBeUndefined()
  })

  test('rejects as its source does, after the audio before it', async () => {
    const flow = new Flow(
      (async function* () {
        yield counting(ms(40))
        throw new Error('host died')
      })(),
      { encoder: plain() },
    )
    expect((await flow.next())?.length).toBe(ms(40) * 2)
    await expect(flow.next()).rejects.toThrow('host died')
  })

  test('lets its encoder and its source go when it is disposed of', async () => {
    let returned = false
    const encoder = plain()
    const flow = new Flow(
      (async function* () {
        try {
          for (;;) yield counting(ms(50))
        } finally {
          returned = true
        }
      })(),
      { encoder },
    )
    await flow.next()
    flow[Symbol.dispose]()
    await settle()
    expect([returned, encoder.disposed]).toEqual([true, 1])
    expect(await flow.next()).toBeUndefined()
  })
})
