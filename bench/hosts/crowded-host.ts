import { numbers } from './options.ts'
import { tone } from './voice.ts'

/**
 * A host as users describe the ones that fail them under load. `places` workers each take one call at a time:
 * `fixedMs` for the call and `textMs` for each of its texts, whether one by OpenAI's route or up to `maxBatch` by
 * `POST /batch`. Calls that wait are taken in no good order: of four at random the oldest. With `limit` calls in the
 * house, working or waiting, the next is told 503, as uvicorn's `--limit-concurrency` does; and of a thousand calls
 * `faults` fail with 500 after their time. `GET /seen` tells what it has done.
 */
const { port, places, fixedMs, textMs, maxBatch, limit, faults, audioMs } = numbers({
  port: 20_001,
  places: 8,
  fixedMs: 12,
  textMs: 3.2,
  maxBatch: 64,
  limit: 1_140,
  faults: 2,
  audioMs: 1_300,
})
const BOUNDARY = 'sotto-part'
const voice = tone(audioMs)
const part = Buffer.concat([
  Buffer.from(`--${BOUNDARY}\r\ncontent-type: audio/pcm\r\n\r\n`),
  voice,
  Buffer.from('\r\n'),
])
const replies = Array.from({ length: maxBatch + 1 }, (_, count) => {
  const parts = Array.from({ length: count }, () => part)
  return new Uint8Array(Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]))
})

const seen = { calls: 0, texts: 0, refused: 0, faults: 0 }
const waiting: (() => void)[] = []
let inside = 0

/** When each worker will have done what it has begun. */
const doneAt = Array.from({ length: places }, () => 0)
const idle = [...doneAt.keys()]

function next(): (() => void) | undefined {
  const at = Math.floor(Math.min(Math.random(), Math.random(), Math.random(), Math.random()) * waiting.length)
  return waiting.splice(at, 1)[0]
}

/** Holds a worker for exactly so long, however late a timer is. */
async function work(ms: number): Promise<void> {
  const worker = idle.pop() ?? (await queued())
  const now = performance.now()
  doneAt[worker] = (now - doneAt[worker]! < 3 ? doneAt[worker]! : now) + ms
  await new Promise((resolve) => setTimeout(resolve, doneAt[worker]! - now))
  const wake = next()
  if (wake) handed.push(worker)
  else idle.push(worker)
  wake?.()
}

/** Workers that go from one call to the next. */
const handed: number[] = []

const queued = (): Promise<number> => new Promise((resolve) => waiting.push(() => resolve(handed.pop()!)))

async function answer(request: Request): Promise<Response> {
  const { texts } = (await request.json()) as { texts?: readonly string[] }
  const count = texts?.length ?? 1
  if (count > maxBatch) return Response.json({ detail: `texts must be at most ${maxBatch}` }, { status: 422 })
  await work(fixedMs + textMs * count)
  seen.calls++
  seen.texts += count
  if (Math.random() * 1000 < faults) {
    seen.faults++
    return Response.json({ detail: 'CUDA error' }, { status: 500 })
  }
  if (!texts) return new Response(voice, { headers: { 'content-type': 'audio/pcm' } })
  return new Response(replies[count], {
    headers: { 'content-type': `multipart/mixed; boundary=${BOUNDARY}` },
  })
}

Bun.serve({
  port,
  hostname: '127.0.0.1',
  idleTimeout: 255,
  async fetch(request) {
    if (request.method === 'GET') return Response.json(seen)
    if (inside >= limit) {
      seen.refused++
      return new Response('Service Unavailable', { status: 503 })
    }
    inside++
    try {
      return await answer(request)
    } finally {
      inside--
    }
  },
})
