import { numbers } from './options.ts'
import { type Caller, chunk, LAST_CHUNK, PCM_HEAD, serveRaw } from './raw-server.ts'
import { RATE, tone } from './voice.ts'

/**
 * Answers every POST as OpenAI's speech route does, with `audioMs` of 24 kHz PCM in pieces of `chunkMs`: at once, or
 * with `paced` 1 at real time, one piece each `chunkMs`, the first one at once. A process of its own:
 * `bun bench/hosts/fast-host.ts --port 20001 --audioMs 300`.
 */
const { port, audioMs, chunkMs, paced } = numbers({ port: 20_001, audioMs: 300, chunkMs: 100, paced: 0 })
const TICK_MS = 5

const count = Math.round(audioMs / chunkMs)
const size = (2 * RATE * chunkMs) / 1000
const voice = tone(chunkMs * count)
const pieces = Array.from({ length: count }, (_, i) => chunk(voice.subarray(i * size, (i + 1) * size)))
const whole = Buffer.concat([PCM_HEAD, ...pieces, LAST_CHUNK])

/** Streams by the tick at which they get a piece. */
const wheel: Set<{ readonly caller: Caller; next: number }>[] = Array.from(
  { length: chunkMs / TICK_MS },
  () => new Set(),
)
let tick = 0

/** Gives a piece to each whose turn it is, and catches up on ticks that came late. */
function turn(): void {
  const now = Math.floor(performance.now() / TICK_MS)
  for (tick = Math.max(tick, now - wheel.length); tick < now; ) {
    tick++
    const streams = wheel[tick % wheel.length]!
    for (const stream of streams) {
      stream.caller.send(pieces[stream.next++]!)
      if (stream.next === count) stream.caller.send(LAST_CHUNK)
      if (stream.next === count || !stream.caller.isOpen) streams.delete(stream)
    }
  }
}

if (paced) {
  setInterval(turn, TICK_MS)
  serveRaw(port, (caller) => {
    caller.send(Buffer.concat([PCM_HEAD, pieces[0]!]))
    wheel[tick % wheel.length]!.add({ caller, next: 1 })
  })
} else serveRaw(port, (caller) => caller.send(whole))
