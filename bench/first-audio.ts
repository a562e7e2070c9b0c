import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { embedded } from '../src/hosts/embedded.ts'
import { nextOf } from '../src/pcm/supply.ts'
import { freePort } from '../test/fakes/port.ts'
import { type BenchResult, median, quantile, type Row, round } from './bench.ts'
import { readAgain } from './caches.ts'
import { type Ask, firstByte, firstBytes } from './first-byte.ts'
import { start } from './spawn.ts'

const VOICE = '中文女'
/** It speaks at 24 kHz, as the replies are. */
const MODEL = 'cosyvoice2'
const SHORT = 'This sentence is said at once.'
const TEN = Array.from(
  { length: 10 },
  (_, i) => `This is sentence number ${i + 1} of a text that takes its time to be said.`,
).join(' ')

/** A host whose first byte takes `firstByteMs` and whose speech takes `rtf` of its length; a process of its own. */
async function startHost({
  firstByteMs,
  rtf,
  pieceChars,
}: {
  firstByteMs: number
  rtf: number
  pieceChars: number
}) {
  const port = await freePort()
  const options = Object.entries({
    port,
    'first-byte-ms': firstByteMs,
    rtf,
    'piece-chars': pieceChars,
    model: MODEL,
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
  return { url: `http://127.0.0.1:${port}`, server }
}

async function startSotto(hostUrl: string, folder: string) {
  const port = await freePort()
  const config = join(folder, `sotto-${port}.json`)
  const host = {
    id: 'fake',
    kind: 'cosyvoice-http',
    url: hostUrl,
    model: MODEL,
    slots: 64,
    maxRequestsPerSecond: 10_000,
    voices: [{ id: VOICE, mode: 'sft', spkId: VOICE }],
  }
  writeFileSync(config, JSON.stringify({ port, hosts: [host] }))
  const server = await start(
    [process.execPath, join(import.meta.dirname, '../src/main.ts'), 'serve', '--config', config],
    {
      ready: `http://127.0.0.1:${port}/healthz`,
    },
  )
  return { url: `http://127.0.0.1:${port}`, server }
}

async function startNginx(hostUrl: string, folder: string) {
  const port = await freePort()
  const config = join(folder, 'nginx.conf')
  writeFileSync(
    config,
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream host { server ${new URL(hostUrl).host}; keepalive 64; }
  server { listen 127.0.0.1:${port};
    location / { proxy_pass http://host; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } } }`,
  )
  const server = await start(['nginx', '-c', config, '-p', folder], {
    ready: `http://127.0.0.1:${port}/docs`,
  })
  return { url: `http://127.0.0.1:${port}`, server }
}

async function startBare(hostUrl: string) {
  const port = await freePort()
  const program = join(import.meta.dirname, 'peers/bare.ts')
  const server = await start([process.execPath, program, `${port}`, hostUrl], {
    ready: `http://127.0.0.1:${port}/`,
  })
  return { url: `http://127.0.0.1:${port}`, server }
}

const form = (text: string) => new URLSearchParams({ tts_text: text, spk_id: VOICE }).toString()
const toHost = (url: string, text: string): Ask => ({
  url: `${url}/inference_sft`,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: form(text),
})
/** Not stored, and so not shared with others who ask for the same at the same time. */
const toSotto = (url: string, text: string): Ask => ({
  url: `${url}/v1/audio/speech`,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    model: 'tts-1',
    voice: VOICE,
    input: text,
    response_format: 'pcm',
    cache: 'no-store',
  }),
})

/** What sotto and nginx add to the first byte, by blocks in turn so that the machine's moods hit all alike. */
async function added(asks: Readonly<Record<string, Ask>>, { what, ...load }: Load): Promise<Row[]> {
  const took: Record<string, number[]> = Object.fromEntries(Object.keys(asks).map((name) => [name, []]))
  for (const ask of Object.values(asks)) await firstBytes(ask, { ...load, count: WARM }) // warm
  for (let block = 0; block < BLOCKS; block++) {
    for (const [name, ask] of Object.entries(asks)) {
      took[name]!.push(...(await firstBytes(ask, load)))
    }
  }
  const direct = took.direct!
  return Object.entries(took).map(([path, values]) => ({
    what,
    path,
    'p50 ms': round(median(values)),
    'p99 ms': round(quantile(values, 0.99)),
    'added p50 ms': round(median(values) - median(direct)),
    'added p99 ms': round(quantile(values, 0.99) - quantile(direct, 0.99)),
  }))
}

/** The first audio of ten sentences, by a host that splits texts itself, by one that does not, and through sotto. */
async function tenSentences(folder: string): Promise<Row[]> {
  const model = { firstByteMs: 200, rtf: 0.1 }
  const whole = await startHost({ ...model, pieceChars: 100_000 })
  const pieces = await startHost({ ...model, pieceChars: 60 })
  await using _whole = whole.server
  await using _pieces = pieces.server
  const sotto = await startSotto(whole.url, folder)
  await using _sotto = sotto.server
  const asks = {
    'the host, whole text': toHost(whole.url, TEN),
    'the host, in pieces of 60 characters': toHost(pieces.url, TEN),
    'through sotto': toSotto(sotto.url, TEN),
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

interface Load {
  readonly what: string
  /** Asks at once. */
  readonly concurrency: number
  /** Asks a block. */
  readonly count: number
  readonly restMs: number
}

/** Enough for the code to be compiled. */
const WARM = 400
/** Rounds through all paths. */
const BLOCKS = 6

/** A host that answers at once, one that thinks for a while, and one of a usual real-time factor in company. */
const LOADS = [
  { what: 'host answers at once', concurrency: 1, count: 200, restMs: 0, firstByteMs: 0, rtf: 0 },
  { what: 'host takes 20 ms', concurrency: 1, count: 30, restMs: 0, firstByteMs: 20, rtf: 0 },
  {
    what: 'host takes 20 ms, 50 at once',
    concurrency: 50,
    count: 150,
    restMs: 400,
    firstByteMs: 20,
    rtf: 0.1,
  },
]

/** How long until the first audio: what sotto adds to a short sentence, and what it takes off a long text. */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'))
  const rows: Row[] = []
  for (const { firstByteMs, rtf, ...load } of LOADS) {
    const host = await startHost({ firstByteMs, rtf, pieceChars: 60 })
    await using _host = host.server
    const sotto = await startSotto(host.url, folder)
    await using _sotto = sotto.server
    const nginx = await startNginx(host.url, folder)
    await using _nginx = nginx.server
    const bare = await startBare(host.url)
    await using _bare = bare.server
    const asks = {
      direct: toHost(host.url, SHORT),
      nginx: toHost(nginx.url, SHORT),
      'bare Hono': toSotto(bare.url, SHORT),
      sotto: toSotto(sotto.url, SHORT),
    }
    rows.push(...(await added(asks, load)))
  }
  rows.push(...(await tenSentences(folder)), await firstPacket(), ...caches())
  return {
    question: 'how long until the first audio?',
    rows,
    notes: [
      'added: against the same host asked directly; at 50 it has a real-time factor of 0.1, and each caller rests for up to 0.4 s',
      'bare Hono: an app on Bun that passes the host’s body on and does nothing else. load and servers share the machine.',
      'memory read again: by a thread that does not sleep. What the rest adds is what others do to the caches; sotto’s own code is as cold',
      'ten sentences: a host with 200 ms to its first byte and a real-time factor of 0.1',
    ],
  }
}
