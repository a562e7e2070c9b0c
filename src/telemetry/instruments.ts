import { Counter, Gauge, Histogram, type Registry } from './prom-client.ts'

/**
 * Seconds, from what a proxy adds (1 ms) to a long reply (60 s); close together where first audio is judged, around
 * 200 ms, and with a bound at each limit that alerts speak of.
 */
export const SECONDS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 60,
]
/** Host seconds for a second of audio: a listener hears gaps from 1 on. */
const FACTORS = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 1, 1.5, 2, 5]
/** Clauses in one call: 64 is the most that any host is given. */
const SIZES = [1, 2, 4, 8, 16, 24, 32, 48, 64]

export type Instruments = ReturnType<typeof instruments>

interface Details<Label extends string> {
  readonly help: string
  readonly labels?: readonly Label[]
}

/** All that sotto counts, by itself; `docs/metrics.md` says what each means. */
export function instruments(registry: Registry) {
  const config = <Label extends string>(name: string, { help, labels = [] }: Details<Label>) => ({
    name: `sotto_${name}`,
    help,
    labelNames: labels,
    registers: [registry],
  })
  const counter = <Label extends string = never>(name: string, details: Details<Label>) =>
    new Counter<Label>(config(name, details))
  const gauge = <Label extends string = never>(name: string, details: Details<Label>) =>
    new Gauge<Label>(config(name, details))
  const histogram = <Label extends string = never>(
    name: string,
    { buckets = SECONDS, ...details }: Details<Label> & { readonly buckets?: number[] },
  ) => new Histogram<Label>({ ...config(name, details), buckets })

  return {
    requestSeconds: histogram('request_seconds', {
      help: 'Time from the arrival of a request to the end of its reply.',
      labels: ['route', 'outcome', 'format'],
    }),
    firstAudioSeconds: histogram('first_audio_seconds', {
      help: 'Time from the arrival of a request to its first byte of audio.',
      labels: ['route'],
    }),
    stageSeconds: histogram('stage_seconds', {
      help: 'Time in one stage: queue, host_first_audio and host_total for each clause, encode and send for each reply.',
      labels: ['stage', 'host'],
    }),
    concurrentRequests: gauge('concurrent_requests', { help: 'Requests that have come and not ended.' }),

    queueWaiting: gauge('queue_waiting', { help: 'Clauses that wait for the host.', labels: ['host'] }),
    queueCharacters: gauge('queue_characters', {
      help: 'Characters of the clauses that wait for the host.',
      labels: ['host'],
    }),
    queueWaitEstimateSeconds: gauge('queue_wait_estimate_seconds', {
      help: 'How long a clause that came now would wait for the host if all that waits went before it.',
      labels: ['host'],
    }),
    slots: gauge('slots', { help: 'Calls that the host may have at once.', labels: ['host'] }),
    slotsTaken: gauge('slots_taken', { help: 'Calls that the host has.', labels: ['host'] }),
    hostUp: gauge('host_up', { help: 'Whether the host can speak: 1, or 0.', labels: ['host'] }),
    breakerState: gauge('breaker_state', {
      help: 'The breaker of the host: 0 closed, 1 half-open, 2 open.',
      labels: ['host'],
    }),
    voicesLeftAlone: gauge('voices_left_alone', {
      help: 'Voices of the host whose own breaker is open.',
      labels: ['host'],
    }),
    batchSize: histogram('batch_size', {
      help: 'Clauses in one call of a host that takes many.',
      labels: ['host'],
      buckets: SIZES,
    }),

    hostCalls: counter('host_calls_total', {
      help: 'Clauses that the host was asked for, by outcome: ok, failed, left.',
      labels: ['host', 'outcome'],
    }),
    hostErrors: counter('host_errors_total', {
      help: 'Clauses that failed at the host, by code and by whose fault it was: caller, host, proxy.',
      labels: ['host', 'code', 'class'],
    }),
    audioSeconds: counter('audio_seconds_total', {
      help: 'Seconds of audio that the host has spoken.',
      labels: ['host'],
    }),
    realTimeFactor: histogram('real_time_factor', {
      help: 'Seconds that the host took for a second of audio.',
      labels: ['host'],
      buckets: FACTORS,
    }),

    retries: counter('retries_total', {
      help: 'Clauses asked for again after the host had failed, by its failure.',
      labels: ['host', 'code'],
    }),
    hedges: counter('hedges_total', {
      help: 'Clauses also asked of this host because another was slow.',
      labels: ['host'],
    }),
    degraded: counter('degraded_total', {
      help: 'Clauses that this fallback said because no other host could.',
      labels: ['host'],
    }),
    expired: counter('expired_total', {
      help: 'Clauses whose deadline passed while they waited for the host.',
      labels: ['host'],
    }),
    refused: counter('refused_total', {
      help: 'Clauses refused before they waited for the host, by reason.',
      labels: ['host', 'code'],
    }),
    joined: counter('joined_total', { help: 'Clauses that joined an equal one that was being said.' }),

    spoolBytes: gauge('spool_bytes', { help: 'Bytes of audio that wait for listeners.' }),
    spoolBudgetBytes: gauge('spool_budget_bytes', { help: 'Bytes of audio that may wait for listeners.' }),
    loopLagSeconds: histogram('event_loop_lag_seconds', {
      help: 'How late a timer rang; one is set every 100 ms.',
    }),
  }
}
