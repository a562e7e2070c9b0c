import process from 'node:process'
import { type BenchResult, type Row, round } from './bench.ts'
import { seenBy, startHost } from './hosts/start-host.ts'
import { type Crowd, type CrowdSeen, loaded } from './load/load.ts'
import { openaiHost, startSotto } from './peers/sotto.ts'

const SLOTS = 8
const SERVICE_MS = 200
const CAPACITY = (SLOTS * 1000) / SERVICE_MS
/** What a caller waits for the first audio at most: twice what it takes when nobody else asks. */
const DEADLINE_MS = 2 * SERVICE_MS
/** `BENCH_SECONDS=10` for a short look. */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 60)

const body = (input: string) => ({
  model: 'tts-1',
  voice: 'v',
  input,
  response_format: 'pcm',
})
const ask = (input: string, rest: object = {}) => ({
  path: '/v1/audio/speech',
  body: { ...body(input), ...rest },
})

/** How much is said in time when three times as much is asked for as the host can say (PRF-7), and who gets how much. */
export async function run(): Promise<BenchResult> {
  const rows = [...(await overloaded()), ...(await fairness('heavy')), ...(await fairness('light'))]
  return {
    question: 'What is said in time at three times what a host can say, and to whom?',
    rows,
    notes: [
      `a host with ${SLOTS} places and ${SERVICE_MS} ms a text: ${CAPACITY} a second; requests come at random moments for ${SECONDS} s, each with deadline_ms ${DEADLINE_MS}`,
      'goodput: replies with their first audio within the deadline, as the caller measures it, by what the host can say',
      'unloaded: one caller at a time. refusals: all with status 503 or 429; Retry-After in seconds, -1 when one has none',
      'shares: two tenants of weight 3 and 1 with texts of 59 and 15 characters; one asks for four times what the host can say, the other for what is just over its share. In characters said; 256 texts may wait',
    ],
  }
}

async function overloaded(): Promise<Row[]> {
  await using host = await startHost('slotted-host', { slots: SLOTS, serviceMs: SERVICE_MS })
  await using sotto = await startSotto({ hosts: [openaiHost(host, { slots: SLOTS })] })
  const one = {
    name: 'one',
    ask: ask('Say {n} now.', { deadline_ms: DEADLINE_MS }),
    withinMs: DEADLINE_MS,
  }
  const { port } = sotto
  const calm = await loaded({ port, seconds: 5, warmSeconds: 1, crowds: [{ ...one, at: 1 }] })
  const full = await loaded({
    port,
    seconds: SECONDS,
    warmSeconds: 5,
    crowds: [{ ...one, perSecond: 3 * CAPACITY }],
  })
  const unloaded = calm.crowds.one!
  const { waited } = await seenBy<{ waited: number }>(host)
  return [
    { what: 'unloaded', ...figures(unloaded), 'p99 by unloaded': 1 },
    {
      what: '3 × capacity',
      ...figures(full.crowds.one!),
      'goodput %': round((100 * full.crowds.one!.inTimePerSecond) / CAPACITY, 1),
      'p99 by unloaded': round(full.crowds.one!.first.p99 / unloaded.first.p99),
      'asked late p99 ms': round(full.lag.p99),
      'waited at host': waited,
    },
  ]
}

function figures({
  sent,
  statuses,
  said,
  inTimePerSecond,
  saidPerSecond,
  first,
  refused,
  retryAfter,
}: CrowdSeen): Row {
  const others = Object.keys(statuses).filter((status) => !['200', '429', '503'].includes(status))
  return {
    'said a second': round(saidPerSecond, 1),
    'in time a second': round(inTimePerSecond, 1),
    'first audio p50 ms': round(first.p50, 0),
    'p99 ms': round(first.p99, 0),
    'refused %': round((100 * (sent - said)) / sent, 1),
    'refusal p50 ms': round(refused.p50),
    'refusal p99 ms': round(refused.p99),
    'Retry-After s': sent > said ? `${retryAfter.min} to ${retryAfter.max}` : '',
    'other statuses': others.map((status) => `${statuses[status]} × ${status}`).join(', '),
  }
}

/** A host whose time is by character, so that the shares of characters are shares of its time. */
const CHAR_MS = 4
const CHARACTERS_A_SECOND = (SLOTS * 1000) / CHAR_MS
const WEIGHTS = { heavy: 3, light: 1 }
/** Of one clause each, since clauses that are equal would be said once. */
const TEXTS = { heavy: 'Say {n} in a text of its own that is as long as this one', light: 'Say {n} now' }

type Tenant = keyof typeof WEIGHTS

async function fairness(flooding: Tenant): Promise<Row[]> {
  await using host = await startHost('slotted-host', { slots: SLOTS, serviceMs: 0, charMs: CHAR_MS })
  const tenants = Object.entries(WEIGHTS).map(([id, weight]) => ({ id, weight }))
  await using sotto = await startSotto({
    hosts: [openaiHost(host, { slots: SLOTS })],
    tenants,
    queue: { maxRequests: 256 },
  })
  const share = (tenant: Tenant) => WEIGHTS[tenant] / (WEIGHTS.heavy + WEIGHTS.light)
  const crowd = (tenant: Tenant): Crowd => {
    const characters = TEXTS[tenant].replace('{n}', '0000000').length
    const times = tenant === flooding ? 4 : 1.1 * share(tenant)
    return {
      name: tenant,
      ask: { ...ask(TEXTS[tenant]), headers: { 'x-sotto-tenant': tenant } },
      perSecond: (times * CHARACTERS_A_SECOND) / characters,
      characters,
    }
  }
  const { crowds } = await loaded({
    port: sotto.port,
    seconds: SECONDS / 2,
    warmSeconds: SECONDS / 4,
    crowds: [crowd('heavy'), crowd('light')],
  })
  const spoken = (tenant: Tenant) => crowds[tenant]!.saidPerSecond * crowd(tenant).characters!
  const all = spoken('heavy') + spoken('light')
  return (['heavy', 'light'] as const).map((tenant) => ({
    what: `weight ${WEIGHTS[tenant]}${tenant === flooding ? ', flooding' : ''}`,
    'asked characters a second': round((crowd(tenant).perSecond! * crowd(tenant).characters!) | 0, 0),
    'said characters a second': round(spoken(tenant), 0),
    'share %': round((100 * spoken(tenant)) / all, 1),
    'due share %': 100 * share(tenant),
    'refused %': round((100 * (crowds[tenant]!.sent - crowds[tenant]!.said)) / crowds[tenant]!.sent, 1),
    'first audio p50 ms': round(crowds[tenant]!.first.p50, 0),
  }))
}
