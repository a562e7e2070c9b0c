import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { start } from '../../bench/spawn.ts'
import { startCosyvoiceServer } from '../fakes/cosyvoice-server.ts'
import { freePort } from '../fakes/port.ts'
import { type Listener, listen } from './listener.ts'
import { residentMegabytes } from './resident.ts'

/** What is printed; megabytes are sotto's resident size, in MiB. */
export interface Stalled {
  readonly listeners: number
  readonly idleMegabytes: number
  readonly stalledMegabytes: number
  /** The most while all of them read on. */
  readonly peakMegabytes: number
  readonly callsWhileStalled: number
  /** Host calls that all the texts take. */
  readonly callsForAll: number
  /** Calls that the host still answered once no more began. */
  readonly hostCallsRunning: number
  /** Of somebody who came in between. */
  readonly otherStatus: number
  readonly otherMs: number
  /** Listeners who heard every byte in the end. */
  readonly intact: number
}

/**
 * Many listeners ask a real sotto for a long text and read nothing; then all of them read on. Prints what was seen
 * as JSON. To be run in a network namespace: `test/load/in-namespace.sh bun test/load/stalled-listeners.ts 1000`.
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

const host = await startCosyvoiceServer({ voices: ['v'] })
const port = await freePort()
const folder = mkdtempSync(join(tmpdir(), 'sotto-stalled-'))
const config = join(folder, 'sotto.json')
const voices = [{ id: 'v', mode: 'sft' }]
const gpu = {
  id: 'gpu',
  kind: 'cosyvoice-http',
  url: host.url,
  model: 'cosyvoice-300m-sft',
  slots: 8,
  maxRequestsPerSecond: 10_000,
  voices,
}
writeFileSync(config, JSON.stringify({ port, hosts: [gpu] }))
const sotto = await start([process.execPath, 'src/main.ts', 'serve', '--config', config], {
  ready: `http://127.0.0.1:${port}/healthz`,
})
try {
  console.log(JSON.stringify(await measure()))
} finally {
  await sotto[Symbol.asyncDispose]()
  await host.close()
  rmSync(folder, { recursive: true })
}

async function measure(): Promise<Stalled> {
  const references: string[] = []
  for (let variant = 0; variant < VARIANTS; variant++) references.push(await heard(ask(variant)))
  const callsBefore = host.calls.length
  const idleMegabytes = residentMegabytes(sotto.pid)

  const stalled = await askAll()
  await callsStop()
  const seen = {
    idleMegabytes,
    stalledMegabytes: residentMegabytes(sotto.pid),
    callsWhileStalled: host.calls.length - callsBefore,
    callsForAll: (callsBefore * listeners) / VARIANTS,
    hostCallsRunning: host.running,
  }
  const other = await askOther()
  let peakMegabytes = 0
  const watch = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, residentMegabytes(sotto.pid))
  }, 200)
  const digests = await Promise.allSettled(stalled.map(heard))
  clearInterval(watch)
  const intact = digests.filter(
    (result, i) => result.status === 'fulfilled' && result.value === references[i % VARIANTS],
  )
  return { listeners, ...seen, ...other, intact: intact.length, peakMegabytes }
}

function ask(variant: number): Listener {
  const input = textOf(variant % VARIANTS)
  const format = { response_format: 'pcm', sample_rate: 22_050 }
  const body = { model: 'm', voice: 'v', ...format, input, cache: 'no-store' } // each has host calls of their own
  return listen(body, { port })
}

function heard(listener: Listener): Promise<string> {
  listener.resume()
  return listener.digest
}

/** Fifty at once, so that no connection is refused. */
async function askAll(): Promise<Listener[]> {
  const all: Listener[] = []
  for (let i = 0; i < listeners; i++) {
    all.push(ask(i))
    if (i % 50 === 49) await sleep(20)
  }
  return all
}

/** Waits until no host call has begun for a second and a half, at most a minute. */
async function callsStop(): Promise<void> {
  let before = -1
  for (let i = 0; i < 40 && before !== host.calls.length; i++) {
    before = host.calls.length
    await sleep(1_500)
  }
}

/** Somebody else, who comes while all the others stall. */
async function askOther(): Promise<Pick<Stalled, 'otherStatus' | 'otherMs'>> {
  const began = performance.now()
  const response = await fetch(`http://127.0.0.1:${port}/v1/audio/speech`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', voice: 'v', response_format: 'pcm', input: 'And who speaks now?' }),
  })
  await response.arrayBuffer()
  return { otherStatus: response.status, otherMs: performance.now() - began }
}
