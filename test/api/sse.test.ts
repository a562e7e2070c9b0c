import { describe, expect, test } from 'bun:test'
import { sse } from '../../src/api/sse.ts'
import { SpeechError } from '../../src/errors.ts'
import type { PumpSource } from '../../src/pcm/pump.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import { supplyOf } from '../fakes/supply.ts'

const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 }
const last = () => ({ usage, timing: { total_ms: 5 } })

/** Each event as it was taken, to the end. */
async function eventsOf(audio: PumpSource) {
  const events = sse(audio, last)
  const seen = []
  for (let bytes = await nextOf(events); bytes; bytes = await nextOf(events)) {
    const [, json] = /^data: (.*)\n\n$/.exec(new TextDecoder().decode(bytes)) ?? []
    seen.push(JSON.parse(json!))
  }
  return seen
}

const piecesOf =
  (...pieces: Uint8Array<ArrayBuffer>[]) =>
  async () =>
    pieces.shift()

describe('sse()', () => {
  test('carries every byte, whatever the chunks', async () => {
    const whole = new Uint8Array(1000).fill(7)
    const lent = new Uint8Array([0, 1, 2, 3]).subarray(1) // a part of more
    const events = await eventsOf(supplyOf(piecesOf(new Uint8Array([9]), lent, whole)))
    const bytes = events
      .filter(({ type }) => type === 'speech.audio.delta')
      .map(({ audio }) => Buffer.from(audio, 'base64'))
    expect(Uint8Array.from(Buffer.concat(bytes))).toEqual(new Uint8Array([9, 1, 2, 3, ...whole]))
    expect(events.at(-1)).toEqual({ type: 'speech.audio.done', usage, timing: { total_ms: 5 } })
  })

  test('ends a failed speech with an error event and without done', async () => {
    const pieces = piecesOf(new Uint8Array([1]))
    const died = new SpeechError('Host died', { code: 'upstream', source: 'host' })
    const events = await eventsOf(supplyOf(async () => (await pieces()) ?? Promise.reject(died)))
    expect(events.map(({ type }) => type)).toEqual(['speech.audio.delta', 'speech.audio.error'])
    expect(events[1].error).toEqual({
      message: 'Host died',
      type: 'server_error',
      param: null,
      code: 'host_failed',
    })
  })

  test('takes a piece of audio an event, and tells its source once how it ended', async () => {
    const told: unknown[] = []
    const audio = Object.assign(supplyOf(piecesOf(new Uint8Array([1]), new Uint8Array([2]))), {
      ended: () => void told.push('ended'),
      left: (reason: unknown) => void told.push(reason),
    })
    await eventsOf(audio)
    expect(told).toEqual(['ended'])
    sse(audio, last).left?.('bye')
    expect(told).toEqual(['ended', 'bye'])
  })
})
