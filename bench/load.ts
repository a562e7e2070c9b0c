import { type BenchResult, type Row, round } from './bench.ts'
import { seenBy, startHost } from './hosts/start-host.ts'
import { type Crowd, type Loaded, loaded } from './load/load.ts'
import { batchHost, startSotto } from './peers/sotto.ts'

const CALLERS = 3_000
/** A sentence is heard, then there is a pause. */
const REST_MS = 3_400
const SECONDS = 20
const WARM_SECONDS = 8
const PLACES = 8

/** Twenty characters. */
const TEXT = 'Say {n} at noon.'

const crowd = (body: object = {}): Crowd => ({
  name: 'callers',
  ask: {
    path: '/v1/audio/speech',
    body: { model: 'tts-1', voice: 'v', input: TEXT, response_format: 'pcm', ...body },
  },
  at: CALLERS,
  restMs: REST_MS,
})

/** What three thousand callers get of a host that cannot bear them, with and without sotto before it. */
export async function run(): Promise<BenchResult> {
  return {
    question: 'What do three thousand callers get of one host, with and without sotto before it?',
    rows: [await direct(), await throughSotto()],
    notes: [
      'users report 520 requests a second, 4.3 s p99, 5 % errors with nothing before the model; 780, 0.8 s and 0.2 % with batching, pooling and guards',
      `${CALLERS} callers, each with a connection of its own for each request, ask for 20 characters, and again ${REST_MS / 1000} s after they have been answered, on average: ${round((1000 * CALLERS) / REST_MS, 0)} a second if answers took no time; ${SECONDS} s`,
      'the host (bench/hosts/crowded-host.ts): 8 workers, 12 ms a call and 3.2 ms a text, so 526 texts a second one by one; 1,140 calls in the house at most, 503 for the rest; 2 of 1,000 calls fail',
    ],
  }
}

async function direct(): Promise<Row> {
  await using host = await startHost('crowded-host')
  const seen = await loaded({
    port: host.port,
    seconds: SECONDS,
    warmSeconds: WARM_SECONDS,
    fresh: true,
    crowds: [crowd()],
  })
  return row('without sotto', seen, await seenBy(host))
}

async function throughSotto(): Promise<Row> {
  await using host = await startHost('crowded-host')
  await using sotto = await startSotto({ hosts: [batchHost(host, { slots: PLACES, maxBatch: 64 })] })
  const seen = await loaded({
    port: sotto.port,
    seconds: SECONDS,
    warmSeconds: WARM_SECONDS,
    fresh: true,
    crowds: [crowd()],
  })
  return row('with sotto', seen, await seenBy(host))
}

interface Seen {
  readonly calls: number
  readonly texts: number
  readonly refused: number
  readonly faults: number
}

function row(what: string, { crowds, cpuShare }: Loaded, host: Seen): Row {
  const { endedPerSecond, saidPerSecond, sent, said, total, statuses } = crowds.callers!
  return {
    what,
    'requests a second': round(endedPerSecond, 0),
    'said a second': round(saidPerSecond, 0),
    'mean ms': round(total.mean, 0),
    'p50 ms': round(total.p50, 0),
    'p99 ms': round(total.p99, 0),
    'errors %': round((100 * (sent - said)) / sent),
    statuses: Object.entries(statuses)
      .map(([status, count]) => `${count} × ${status}`)
      .join(', '),
    'texts a call': round(host.texts / host.calls, 1),
    'host refused': host.refused,
    'host failed': host.faults,
    'load CPU': round(cpuShare),
  }
}
