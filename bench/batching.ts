import { type BenchResult, type Row, round } from './bench.ts'
import { seenBy, startHost } from './hosts/start-host.ts'
import { type Crowd, type CrowdSeen, type Loaded, loaded } from './load/load.ts'
import type { Server } from './peers/server.ts'
import { batchHost, startSotto } from './peers/sotto.ts'

const FIXED_MS = 60
const TEXT_MS = 2
const MAX = 64
/** One batch is at the host, one is on its way there, the callers of a third come back. */
const AT = 4 * MAX
const SECONDS = 10

/** Texts a second of a GPU that never rests, with full batches. */
const IDEAL = (1000 * MAX) / (FIXED_MS + TEXT_MS * MAX)

interface Seen {
  readonly calls: number
  readonly texts: number
  readonly busyMs: number
}

interface Measured {
  readonly loaded: Loaded
  readonly calls: number
  readonly texts: number
  /** Of the time. */
  readonly busyShare: number
}

const crowd = (name: string, input: string, rest: Partial<Crowd> = {}): Crowd => ({
  name,
  ask: { path: '/v1/audio/speech', body: { model: 'tts-1', voice: 'v', input, response_format: 'pcm' } },
  ...rest,
})

/** How much more a host says that takes 64 texts in one call, and how long an urgent one waits in the crowd (PRF-6). */
export async function run(): Promise<BenchResult> {
  await using host = await startHost('batch-host', { fixedMs: FIXED_MS, textMs: TEXT_MS, maxBatch: MAX })
  const rows = [
    await throughput(host, { maxBatch: 1, slots: 2 }),
    await throughput(host, { maxBatch: MAX, slots: 1 }),
    await throughput(host, { maxBatch: MAX, slots: 2 }),
  ]
  const [alone] = rows
  return {
    question: 'What does saying many texts in one call give, and what does it cost who is in a hurry?',
    rows: [
      ...rows.map((row) => ({
        ...row,
        'by one-by-one': round(Number(row['texts a second']) / Number(alone!['texts a second']), 1),
      })),
      await idle(host),
      ...(await urgent(host)),
    ],
    notes: [
      `a host of ${FIXED_MS} ms a call and ${TEXT_MS} ms a text, ${MAX} texts at most, one call at a time: at best ${round(IDEAL, 1)} texts a second, in ${FIXED_MS + TEXT_MS * MAX} ms; ${AT} callers, each asking again when answered, ${SECONDS} s`,
      'slots 2: the next call waits at the host, so that its GPU does not rest while a reply is on its way',
      'idle: one caller at a time; added is what it takes beside the same host asked directly',
      'full load: each text is two clauses, which are asked for together; the later one is an ordinary sentence, a question, or both have priority. Times to when each is said',
    ],
  }
}

async function measured(
  host: Server,
  sotto: Server,
  { crowds, seconds }: { readonly crowds: readonly Crowd[]; readonly seconds: number },
): Promise<Measured> {
  await loaded({ port: sotto.port, seconds: 2, crowds }) // warms up
  const before = await seenBy<Seen>(host)
  const began = performance.now()
  const seen = await loaded({ port: sotto.port, seconds, warmSeconds: 1, crowds })
  const after = await seenBy<Seen>(host)
  return {
    loaded: seen,
    calls: after.calls - before.calls,
    texts: after.texts - before.texts,
    busyShare: (after.busyMs - before.busyMs) / (performance.now() - began),
  }
}

async function throughput(
  host: Server,
  how: { readonly maxBatch: number; readonly slots: number },
): Promise<Row> {
  await using sotto = await startSotto({ hosts: [batchHost(host, how)] })
  const seen = await measured(host, sotto, {
    crowds: [crowd('all', 'Say {n}.', { at: AT })],
    seconds: SECONDS,
  })
  const all = seen.loaded.crowds.all!
  return {
    what: how.maxBatch === 1 ? 'one by one' : `batches, slots ${how.slots}`,
    'texts a second': round(all.saidPerSecond, 1),
    '% of ideal': round((100 * all.saidPerSecond) / IDEAL, 1),
    'texts a call': round(seen.texts / seen.calls, 1),
    failed: all.sent - all.said,
    ...waits(all),
  }
}

const waits = ({ first }: CrowdSeen): Row => ({
  'first audio p50 ms': round(first.p50, 1),
  'p99 ms': round(first.p99, 1),
})

async function idle(host: Server): Promise<Row> {
  await using sotto = await startSotto({ hosts: [batchHost(host, { maxBatch: MAX, slots: 2 })] })
  const alone = {
    ...crowd('one', 'Say {n}.', { at: 1 }),
    ask: { path: '/batch', body: { texts: ['Say {n}.'] } },
  }
  const direct = (await loaded({ port: host.port, seconds: 4, warmSeconds: 1, crowds: [alone] })).crowds.one!
  const crowds = [crowd('one', 'Say {n}.', { at: 1 })]
  const one = (await measured(host, sotto, { crowds, seconds: 4 })).loaded.crowds.one!
  return {
    what: 'idle',
    ...waits(one),
    'added p50 ms': round(one.first.p50 - direct.first.p50, 1),
    'added p99 ms': round(one.first.p99 - direct.first.p99, 1),
  }
}

const FIRST = 'Say {n} as the first of two.'

/** Each caller has a first clause and a later one that waits beside it: the reply ends when that has been said too. */
async function urgent(host: Server): Promise<Row[]> {
  await using sotto = await startSotto({
    hosts: [batchHost(host, { maxBatch: MAX, slots: 2 })],
    tenants: [{ id: 'vip', maxPriority: 10 }],
  })
  const priority = crowd('priority 5', `${FIRST} Say {n} as the other one.`, { at: 4, restMs: 300 })
  const crowds = [
    crowd('ordinary', `${FIRST} Say {n} as the second.`, { at: AT }),
    crowd('question', `${FIRST} Say {n} as the second?`, { at: 4, restMs: 300 }),
    {
      ...priority,
      ask: {
        ...priority.ask,
        body: { ...priority.ask.body, priority: 5 },
        headers: { 'x-sotto-tenant': 'vip' },
      },
    },
  ]
  const { loaded: seen } = await measured(host, sotto, { crowds, seconds: 2 * SECONDS })
  return Object.entries(seen.crowds).map(([name, each]) => ({
    what: `full load, ${name}`,
    'texts a second': round(2 * each.saidPerSecond, 1),
    failed: each.sent - each.said,
    ...waits(each),
    'later clause p50 ms': round(each.total.p50, 1),
    'later p99 ms': round(each.total.p99, 1),
  }))
}
