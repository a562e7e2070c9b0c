import { join } from 'node:path'
import process from 'node:process'
import { embedded } from '../src/hosts/embedded.ts'
import { nextOf } from '../src/pcm/supply.ts'
import { freePort } from '../test/fakes/port.ts'
import { added } from './added.ts'
import { toHost, toProxy, VOICE } from './asks.ts'
import { type BenchResult, median, quantile, type Row, round } from './bench.ts'
import { readAgain } from './caches.ts'
import { firstByte } from './first-byte.ts'
import { type Server, serverOf } from './peers/server.ts'
import { skippedPeers } from './peers/skipped.ts'
import { cosyvoiceHost, startSotto } from './peers/sotto.ts'
import { start } from './spawn.ts'

const TEN = Array.from(
  { length: 10 },
  (_, i) => `This is sentence number ${i + 1} of a text that takes its time to be said.`,
).join(' ')

/** A CosyVoice host whose first byte takes `firstByteMs` and whose speech takes `rtf` of its length; a process of its own. */
async function startCosyvoice({
  firstByteMs,
  rtf,
  pieceChars,
}: {
  firstByteMs: number
  rtf: number
  pieceChars: number
}): Promise<Server> {
  const port = await freePort()
  const options = Object.entries({
    port,
    'first-byte-ms': firstByteMs,
    rtf,
    'piece-chars': pieceChars,
    model: 'cosyvoice2',
    voice: VOICE,
    threads: 200,
  })
  const server = await start(
    [
      process.execPath,
      join(import.meta.dirname, '../test/fakes/cosyvoice-server.ts'),
      ...options.flatMap(([name, value]) => [`--${name}`, `${value}`]),
    ],
    { ready: `http://127.0.0.1:${port}/docs` },
  )
  return serverOf(port, server)
}

/** The first audio of ten sentences, by a host that splits texts itself, by one that does not, and through sotto. */
async function tenSentences(): Promise<Row[]> {
  const model = { firstByteMs: 200, rtf: 0.1 }
  await using whole = await startCosyvoice({ ...model, pieceChars: 100_000 })
  await using pieces = await startCosyvoice({ ...model, pieceChars: 60 })
  await using sotto = await startSotto({ hosts: [cosyvoiceHost(whole)] })
  const asks = {
    'the host, whole text': toHost(whole, TEN),
    'the host, in pieces of 60 characters': toHost(pieces, TEN),
    'through sotto': toProxy(sotto, TEN),
  }
  const rows: Row[] = []
  let ideal = 0
  for (const [path, ask] of Object.entries(asks)) {
    const values: number[] = []
    for (let i = 0; i < 7; i++) values.push(await firstByte(ask))
    const p50 = median(values)
    ideal ||= p50
    rows.push({
      what: 'ten sentences, first audio',
      path,
      'p50 ms': round(p50),
      'ratio to whole text': round(p50 / ideal, 3),
    })
  }
  return rows
}

/** The first packet of the voice inside, through its Host interface. */
async function firstPacket(): Promise<Row> {
  await using host = embedded({ id: 'local', kind: 'embedded', fallback: false, slots: 4 })
  await host.ready
  const values: number[] = []
  for (let i = 0; i < 60; i++) {
    const began = performance.now()
    const text = `Sentence number ${i} is said by the voice inside.`
    const pcm = await host.synthesize(
      { index: 0, text, spoken: text, pauseMs: 0, voice: 'en', speed: 1 },
      { signal: new AbortController().signal },
    )
    values.push(performance.now() - began)
    while (await nextOf(pcm));
  }
  return {
    what: 'embedded voice, first packet',
    path: 'in process',
    'p50 ms': round(median(values)),
    'p99 ms': round(quantile(values, 0.99)),
  }
}

/** How much slower this machine is at what it has done 20 ms before than at what it has just done. */
const caches = (): Row[] =>
  [0, 20].map((restMs) => ({
    what: 'the machine: 512 KB of memory read again',
    path: restMs === 0 ? 'at once' : `after ${restMs} ms`,
    'p50 ms': round(readAgain({ kilobytes: 512, restMs }) / 1000, 3),
  }))

/** How long until the first audio: what sotto adds to a short sentence, and what it takes off a long text. */
export async function run(): Promise<BenchResult> {
  const rows = [...(await added()), ...(await tenSentences()), await firstPacket(), ...caches()]
  return {
    question: 'how long until the first audio?',
    rows,
    notes: [
      'added: against the same host asked directly, each path after 3,000 requests to warm up; at 50 it has a real-time factor of 0.1, and each caller rests for up to 0.4 s',
      'bare Hono: an app on Bun that passes the host’s body on and does nothing else; then one that also checks the body, cuts the text and reads the audio, without queues, guards or metrics. load and servers share the machine.',
      'memory read again: by a thread that does not sleep. What the rest adds is what others do to the caches; sotto’s own code is as cold',
      'ten sentences: a host with 200 ms to its first byte and a real-time factor of 0.1',
      ...skippedPeers(),
    ],
  }
}
