import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { start } from '../../bench/spawn.ts'
import { startCosyvoiceServer } from '../fakes/cosyvoice-server.ts'
import { freePort } from '../fakes/port.ts'

/**
 * Run in a network namespace of its own (see `stalled-listeners.sh`): many listeners ask a real sotto for a long
 * text and read nothing; then all of them read on. Prints what was seen as JSON.
 */
const listeners = Number(process.argv[2] ?? 1000)

/** Texts of several lengths, so that listeners stall at different places of their clauses, as real ones do. */
const VARIANTS = 10
const SENTENCE = 'This is one of the sentences of a long text that nobody seems to be listening to'
const textOf = (variant: number) =>
  Array.from(
    { length: 12 },
    (_, i) => `${SENTENCE.slice(0, 30 + (((i + variant) * 13) % 50))}, number ${i + 1}.`,
  ).join(' ')

function requestOf(variant: number): string {
  const input = textOf(variant)
  const body = JSON.stringify({ model: 'm', voice: 'v', response_format: 'pcm', sample_rate: 22_050, input })
  return `POST /v1/audio/speech HTTP/1.1\r\nhost: sotto\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

await using host = await startCosyvoiceServer({ voices: ['v'] })
const port = await freePort()
const config = join(tmpdir(), `sotto-stalled-${port}.json`)
writeFileSync(
  config,
  JSON.stringify({
    port,
    hosts: [
      {
        id: 'fake',
        kind: 'cosyvoice-http',
        url: host.url,
        model: 'cosyvoice-300m-sft',
        slots: 8,
        voices: [{ id: 'v', mode: 'sft' }],
      },
    ],
  }),
)
await using sotto = await start([process.execPath, 'src/main.ts', 'serve', '--config', config], {
  ready: `http://127.0.0.1:${port}/healthz`,
})

const megabytes = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${sotto.pid}/status`, 'utf8'))![1]) / 1024

interface Listener {
  readonly socket: Socket
  readonly digest: Promise<string>
}

/** Asks, then reads nothing until `socket.resume()`. */
function listen(variant: number): Listener {
  const socket = connect({ port, host: '127.0.0.1' })
  const hash = createHash('sha256')
  let head: Buffer | undefined = Buffer.alloc(0)
  const digest = new Promise<string>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      if (head) head = Buffer.concat([head, chunk])
      const end = head?.indexOf('\r\n\r\n') ?? 0
      hash.update(dechunk(head && end >= 0 ? head.subarray(end + 4) : head ? Buffer.alloc(0) : chunk))
      if (head && end >= 0) head = undefined
    })
    socket.on('end', () => resolve(hash.digest('hex')))
    socket.on('error', reject)
  })
  const dechunk = dechunker()
  socket.write(requestOf(variant))
  socket.pause()
  return { socket, digest }
}

/** Takes HTTP's chunk sizes out of what comes. */
function dechunker(): (bytes: Buffer) => Buffer {
  let rest = Buffer.alloc(0)
  let left = 0
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    const out: Buffer[] = []
    for (;;) {
      if (left > 0) {
        const part = rest.subarray(0, left)
        out.push(part)
        left -= part.length
        rest = rest.subarray(part.length)
        if (left > 0) break
        continue
      }
      const start = rest.subarray(0, 2).toString('latin1') === '\r\n' ? 2 : 0
      const line = rest.indexOf('\r\n', start)
      if (line < 0) break
      left = Number.parseInt(rest.subarray(start, line).toString('latin1'), 16)
      rest = rest.subarray(line + 2)
      if (left === 0) break
    }
    return Buffer.concat(out)
  }
}

/** Waits until no host call has begun for a second and a half, at most a minute. */
async function callsStop(): Promise<void> {
  let before = -1
  for (let i = 0; i < 40 && before !== host.calls.length; i++) {
    before = host.calls.length
    await sleep(1_500)
  }
}

const references: string[] = []
for (let variant = 0; variant < VARIANTS; variant++) {
  const { socket, digest } = listen(variant)
  socket.resume()
  references.push(await digest)
}
const callsForReferences = host.calls.length
const idle = megabytes()

const stalled: Listener[] = []
for (let i = 0; i < listeners; i++) {
  stalled.push(listen(i % VARIANTS))
  if (i % 50 === 49) await sleep(20)
}
await callsStop()
const seen = {
  listeners,
  idleMegabytes: idle,
  stalledMegabytes: megabytes(),
  callsWhileStalled: host.calls.length - callsForReferences,
  callsForAll: (callsForReferences * listeners) / VARIANTS,
  hostCallsRunning: host.running,
}

const began = performance.now()
const other = await fetch(`http://127.0.0.1:${port}/v1/audio/speech`, {
  method: 'POST',
  body: JSON.stringify({ model: 'm', voice: 'v', response_format: 'pcm', input: 'And who speaks now?' }),
})
await other.arrayBuffer()
const otherMs = performance.now() - began

let peak = megabytes()
const watch = setInterval(() => (peak = Math.max(peak, megabytes())), 200)
for (const { socket } of stalled) socket.resume()
const digests = await Promise.allSettled(stalled.map(({ digest }) => digest))
clearInterval(watch)
const intact = digests.filter(
  (result, i) => result.status === 'fulfilled' && result.value === references[i % VARIANTS],
).length
console.log(JSON.stringify({ ...seen, otherStatus: other.status, otherMs, intact, peakMegabytes: peak }))
