import { numbers } from './options.ts'
import { tone } from './voice.ts'

/**
 * OpenAI's speech route with `slots` places, in each of which one text at a time takes `serviceMs` and `charMs` for
 * each character; its audio comes at the end, in one piece. Whoever finds no place free waits, first come, first
 * served. `GET /seen` tells how many have waited so, and how many characters it has said of each `voice`.
 */
const { port, slots, serviceMs, charMs } = numbers({ port: 20_001, slots: 8, serviceMs: 200, charMs: 0 })
/** A fifth of a second beside what a character takes at least, which no guard finds too short. */
const MS_A_CHARACTER = 25

const waiting: (() => void)[] = []
const seen = { waited: 0, most: 0, calls: 0 }
let running = 0

async function place(): Promise<Disposable> {
  if (running < slots) running++
  else {
    seen.waited++
    await new Promise<void>((resolve) => waiting.push(resolve)) // the place goes over to it
  }
  seen.most = Math.max(seen.most, running)
  return { [Symbol.dispose]: () => (waiting.length > 0 ? waiting.shift()!() : running--) }
}

/** By length: the same audio serves all. */
const voices = new Map<number, Uint8Array<ArrayBuffer>>()

function voice(characters: number): Uint8Array<ArrayBuffer> {
  const made = voices.get(characters) ?? tone(200 + MS_A_CHARACTER * characters)
  voices.set(characters, made)
  return made
}

Bun.serve({
  port,
  hostname: '127.0.0.1',
  idleTimeout: 255,
  async fetch(request) {
    if (request.method === 'GET') return Response.json(seen)
    const { input } = (await request.json()) as { input: string }
    seen.calls++
    using _place = await place()
    await new Promise((resolve) => setTimeout(resolve, serviceMs + charMs * input.length))
    return new Response(voice(input.length), { headers: { 'content-type': 'audio/pcm' } })
  },
})
