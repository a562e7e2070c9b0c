import { numbers } from './options.ts'
import { tone } from './voice.ts'

/**
 * `POST /batch` with `{texts, voice}`: up to `maxBatch` texts in one call, `fixedMs` for the call and `textMs` for each
 * text, on a GPU that is at one call at a time; calls that come meanwhile wait, first come, first served. Answers with
 * parts of PCM, `audioMs` for each text. `GET /seen` tells what it has done: calls, texts, the GPU's time.
 */
const { port, fixedMs, textMs, maxBatch, audioMs } = numbers({
  port: 20_001,
  fixedMs: 60,
  textMs: 2,
  maxBatch: 64,
  audioMs: 800,
})
const BOUNDARY = 'sotto-part'
const part = Buffer.concat([
  Buffer.from(`--${BOUNDARY}\r\ncontent-type: audio/pcm\r\n\r\n`),
  tone(audioMs),
  Buffer.from('\r\n'),
])
const replies = Array.from({ length: maxBatch + 1 }, (_, count) => reply(count))

function reply(count: number): Uint8Array<ArrayBuffer> {
  const parts = Array.from({ length: count }, () => part)
  return new Uint8Array(Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]))
}

const seen = { calls: 0, texts: 0, busyMs: 0 }
let gpu: Promise<unknown> = Promise.resolve()
let freeAt = 0

/** Resolves when the GPU has worked on a call; its time is exact, however late a timer is. */
function compute(texts: number): Promise<void> {
  const ms = fixedMs + textMs * texts
  seen.calls++
  seen.texts += texts
  seen.busyMs += ms
  const turn = gpu.then(() => {
    const now = performance.now()
    freeAt = (now - freeAt < 3 ? freeAt : now) + ms // a call that waited begins as the one before ends
    return new Promise<void>((resolve) => setTimeout(resolve, freeAt - now))
  })
  gpu = turn
  return turn
}

Bun.serve({
  port,
  hostname: '127.0.0.1',
  idleTimeout: 255,
  maxRequestBodySize: 1_000_000,
  async fetch(request) {
    if (request.method === 'GET') return Response.json(seen)
    const { texts } = (await request.json()) as { texts: readonly string[] }
    if (texts.length < 1 || texts.length > maxBatch) {
      return Response.json({ detail: `texts must be 1 to ${maxBatch}, are ${texts.length}` }, { status: 422 })
    }
    await compute(texts.length)
    return new Response(replies[texts.length], {
      headers: { 'content-type': `multipart/mixed; boundary=${BOUNDARY}` },
    })
  },
})
