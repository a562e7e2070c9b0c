import { describe, expect, test } from 'bun:test'
import { sse } from '../../src/api/sse.ts'
import { SpeechError } from '../../src/errors.ts'
import type { Bytes } from '../../src/speech.ts'
import { streamFrom } from '../../src/stream-from.ts'

const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 }
const last = () => ({ usage, timing: { total_ms: 5 } })
const lines = (text: string) =>
  text
    .split('\n\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line.slice('data: '.length)))

describe('sse()', () => {
  test('carries every byte, whatever the chunks', async () => {
    const chunks = [new Uint8Array([1]), new Uint8Array([2, 3, 4]), new Uint8Array(1000).fill(7)]
    const events = lines(await new Response(sse(streamFrom(chunks), last)).text())
    const bytes = events
      .filter(({ type }) => type === 'speech.audio.delta')
      .map(({ audio }) => Buffer.from(audio, 'base64'))
    expect(new Uint8Array(Buffer.concat(bytes))).toEqual(
      new Uint8Array([1, 2, 3, 4, ...new Uint8Array(1000).fill(7)]),
    )
    expect(events.at(-1)).toEqual({ type: 'speech.audio.done', usage, timing: { total_ms: 5 } })
  })

  test('ends a failed speech with an error event and without done', async () => {
    const audio = streamFrom(
      (async function* (): AsyncGenerator<Bytes> {
        yield new Uint8Array([1])
        throw new SpeechError('Host died', { code: 'upstream', source: 'host' })
      })(),
    )
    const events = lines(await new Response(sse(audio, last)).text())
    expect(events.map(({ type }) => type)).toEqual(['speech.audio.delta', 'speech.audio.error'])
    expect(events[1].error).toEqual({
      message: 'Host died',
      type: 'server_error',
      param: null,
      code: 'host_failed',
    })
  })

  test('reads no faster than it is read, and carries a cancel', async () => {
    let pulls = 0
    let reason: unknown
    const audio = new ReadableStream<Bytes>(
      { pull: (c) => c.enqueue(new Uint8Array([pulls++])), cancel: (why) => void (reason = why) },
      { highWaterMark: 0 },
    )
    const reader = sse(audio, last).getReader()
    expect(pulls).toBe(0)
    await reader.read()
    expect(pulls).toBe(1)
    await reader.cancel('bye')
    expect(reason).toBe('bye')
  })
})
