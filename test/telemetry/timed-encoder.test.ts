import { expect, test } from 'bun:test'
import { encoder } from '../../src/pcm/encode.ts'
import type { Encoder } from '../../src/speech.ts'
import { timedEncoder } from '../../src/telemetry/timed-encoder.ts'

function timed(inner: Encoder) {
  const told: number[] = []
  let at = 0
  const now = () => (at += 3)
  return { told, encoder: timedEncoder(inner, { meter: { encoded: (ms) => void told.push(ms) }, now }) }
}

test('timedEncoder() gives what the encoder gives, and tells the time of each step', async () => {
  const samples = new Int16Array([1, 2, 3])
  const plain = await encoder('wav', { rate: 8_000 })
  const { told, encoder: subject } = timed(await encoder('wav', { rate: 8_000 }))
  expect([subject.rate, subject.bytesPerSecond]).toEqual([plain.rate, plain.bytesPerSecond])
  expect(subject.push(samples)).toEqual(plain.push(samples))
  expect(subject.end()).toEqual(plain.end())
  expect(told).toEqual([3, 3])
  subject[Symbol.dispose]()
  plain[Symbol.dispose]()
})

test('timedEncoder() tells the time of a step that fails too, and passes disposal on', () => {
  let disposed = 0
  const inner: Encoder = {
    rate: 1,
    bytesPerSecond: 1,
    push: () => {
      throw new Error('broken')
    },
    end: () => new Uint8Array(),
    [Symbol.dispose]: () => disposed++,
  }
  const { told, encoder: subject } = timed(inner)
  expect(() => subject.push(new Int16Array(1))).toThrow('broken')
  expect(told).toEqual([3])
  subject[Symbol.dispose]()
  expect(disposed).toBe(1)
})

test('timedEncoder() goes by the real clock unless it is given another', async () => {
  const told: number[] = []
  using subject = timedEncoder(await encoder('pcm', { rate: 8_000 }), {
    meter: { encoded: (ms) => void told.push(ms) },
  })
  subject.push(new Int16Array(10))
  expect(told[0]).toBeWithin(0, 1_000)
})
