import { join } from 'node:path'
import process from 'node:process'
import { freePort } from '../test/fakes/port.ts'
import { toHost, toProxy } from './asks.ts'
import { median, quantile, type Row, round } from './bench.ts'
import { type Ask, firstBytes } from './first-byte.ts'
import { startHost } from './hosts/start-host.ts'
import { hasNginx, startNginx } from './peers/nginx.ts'
import { hasPortkey, startPortkey, toPortkey } from './peers/portkey.ts'
import { type Server, serverOf } from './peers/server.ts'
import { cosyvoiceHost, startSotto } from './peers/sotto.ts'
import { start } from './spawn.ts'

const TEXT = 'This sentence is said at once.'
/** As much as the text takes to say. */
const AUDIO_MS = 1_500

interface Load {
  readonly what: string
  readonly thinkMs: number
  /** Between two pieces of 100 ms. */
  readonly paceMs: number
  /** Asks at once. */
  readonly concurrency: number
  /** Asks a block. */
  readonly count: number
  /** Each asker rests for up to so long. */
  readonly restMs: number
}

/** A host that answers at once, one that thinks for a while, and one of a usual real-time factor in company. */
const LOADS: readonly Load[] = [
  { what: 'host answers at once', thinkMs: 0, paceMs: 0, concurrency: 1, count: 200, restMs: 0 },
  { what: 'host takes 20 ms', thinkMs: 20, paceMs: 0, concurrency: 1, count: 30, restMs: 0 },
  {
    what: 'host takes 20 ms, 50 at once',
    thinkMs: 20,
    paceMs: 10,
    concurrency: 50,
    count: 150,
    restMs: 400,
  },
]

/** Asks of each path before anything is measured: as many as it takes until little is compiled any more. */
const WARM = 3_000
const WARM_AT = 50
/** Rounds through all paths, in turn, so that the machine's moods hit all alike. */
const BLOCKS = 8

/** What each path adds to the first byte of the same host's reply (PRF-1). */
export async function added(): Promise<Row[]> {
  const rows: Row[] = []
  for (const load of LOADS) rows.push(...(await measured(load)))
  return rows
}

async function measured(load: Load): Promise<Row[]> {
  await using host = await startHost('fast-host', {
    audioMs: AUDIO_MS,
    thinkMs: load.thinkMs,
    paceMs: load.paceMs,
  })
  await using stack = new AsyncDisposableStack()
  const asks = new Map<string, Ask>([['direct', toHost(host, TEXT)]])
  if (hasNginx()) asks.set('nginx', toHost(stack.use(await startNginx(host.port)), TEXT))
  asks.set('bare Hono', toProxy(stack.use(await startBare(host)), TEXT))
  asks.set('bare Hono, checking and cutting', toProxy(stack.use(await startBare(host, 'checked')), TEXT))
  if (hasPortkey()) {
    asks.set('Portkey', toProxy(stack.use(await startPortkey()), TEXT, toPortkey(host.port)))
  }
  asks.set('sotto', toProxy(stack.use(await startSotto({ hosts: [cosyvoiceHost(host)] })), TEXT))

  const took = new Map<string, number[]>([...asks.keys()].map((path) => [path, []]))
  for (const ask of asks.values()) await firstBytes(ask, { count: WARM, concurrency: WARM_AT })
  for (let block = 0; block < BLOCKS; block++) {
    for (const [path, ask] of asks) took.get(path)!.push(...(await firstBytes(ask, load)))
  }
  const direct = took.get('direct')!
  const addedBy = (path: string) => median(took.get(path)!) - median(direct)
  return [...took].map(([path, values]) => ({
    what: load.what,
    path,
    'p50 ms': round(median(values)),
    'p99 ms': round(quantile(values, 0.99)),
    'added p50 ms': round(addedBy(path)),
    'added p99 ms': round(quantile(values, 0.99) - quantile(direct, 0.99)),
    'ratio to bare Hono': round(addedBy(path) / addedBy('bare Hono')),
    ...(hasPortkey() && { 'ratio to Portkey': round(addedBy(path) / addedBy('Portkey')) }),
  }))
}

async function startBare(host: Server, ...words: string[]): Promise<Server> {
  const port = await freePort()
  const program = join(import.meta.dirname, 'peers/bare.ts')
  const bare = await start(
    [process.execPath, program, `${port}`, `http://127.0.0.1:${host.port}`, ...words],
    { ready: `http://127.0.0.1:${port}/` },
  )
  return serverOf(port, bare)
}
