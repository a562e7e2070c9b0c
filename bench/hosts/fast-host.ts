import { numbers } from './options.ts'
import { type Caller, chunk, LAST_CHUNK, PCM_HEAD, serveRaw } from './raw-server.ts'
import { RATE, tone } from './voice.ts'

/**
 * Answers every POST with `audioMs` of 24 kHz PCM, as OpenAI's speech route does and CosyVoice's own: the head at once,
 * the audio `thinkMs` later, in pieces of `chunkMs`, one each `paceMs` (a multiple of 5), or all at once where that is
 * 0. A process of its own: `bun bench/hosts/fast-host.ts --port 20001 --audioMs 300`.
 */
const { port, audioMs, chunkMs, paceMs, thinkMs } = numbers({
  port: 20_001,
  audioMs: 300,
  chunkMs: 100,
  paceMs: 0,
  thinkMs: 0,
})
const TICK_MS = 5

const count = Math.round(audioMs / chunkMs)
const size = (2 * RATE * chunkMs) / 1000
const voice = tone(chunkMs * count)
const pieces = Array.from({ length: count }, (_, i) => chunk(voice.subarray(i * size, (i + 1) * size)))
/** What is sent first; all of it where there is no pace. */
const begin = paceMs > 0 ? pieces[0]! : Buffer.concat([...pieces, LAST_CHUNK])
const headAndBegin = Buffer.concat([PCM_HEAD, begin])

/** Streams by the tick at which they get a piece. */
const wheel: Set<{ readonly caller: Caller; next: number }>[] = Array.from(
  { length: paceMs / TICK_MS },
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

/** Speaks on behind what was sent at first. */
function goOn(caller: Caller): void {
  if (paceMs > 0) wheel[tick % wheel.length]!.add({ caller, next: 1 })
}

if (paceMs > 0) setInterval(turn, TICK_MS)
serveRaw(port, (caller) => {
  if (thinkMs === 0) {
    caller.send(headAndBegin)
    goOn(caller)
    return
  }
  caller.send(PCM_HEAD)
  setTimeout(() => {
    caller.send(begin)
    goOn(caller)
  }, thinkMs)
})
