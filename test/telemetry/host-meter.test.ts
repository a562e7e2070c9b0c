import { describe, expect, test } from 'bun:test'
import type { CallEvent } from '../../src/speech.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { FakeClock } from '../fakes/clock.ts'
import { scrape } from './scrape.ts'

const host = 'gpu-1'

/** What the metrics say once this has happened. */
async function after(...events: readonly CallEvent[]) {
  using metrics = new Metrics(new FakeClock())
  for (const event of events) metrics.tell(event)
  return scrape(metrics)
}

const failure = (code: string, source = 'host') => ({ host, error: { code, source } })

describe('HostMeter', () => {
  test('puts waiting, first audio and the whole of a clause each in its stage, in seconds', async () => {
    const value = await after(
      { type: 'queued', host, ms: 12 },
      { type: 'first-audio', host, ms: 180 },
      { type: 'said', host, ms: 900, audioSeconds: 3 },
    )
    const stage = (name: string) => value('sotto_stage_seconds_sum', { stage: name, host })
    expect([stage('queue'), stage('host_first_audio'), stage('host_total')]).toEqual([0.012, 0.18, 0.9])
    expect(value('sotto_stage_seconds_bucket', { stage: 'host_first_audio', host, le: '0.15' })).toBe(0)
    expect(value('sotto_stage_seconds_bucket', { stage: 'host_first_audio', host, le: '0.2' })).toBe(1)
  })

  test('counts how each call ended, and no other', async () => {
    const value = await after(
      { type: 'said', host, ms: 900, audioSeconds: 3 },
      { type: 'said', host, ms: 900, audioSeconds: 3 },
      { type: 'failed', ms: 5, ...failure('upstream') },
      { type: 'left', host, ms: 5 },
    )
    const calls = (outcome: string) => value('sotto_host_calls_total', { host, outcome })
    expect([calls('ok'), calls('failed'), calls('left')]).toEqual([2, 1, 1])
    expect(value('sotto_stage_seconds_count', { stage: 'host_total', host })).toBe(2)
  })

  test('sums the audio and tells how fast it was spoken', async () => {
    const value = await after(
      { type: 'said', host, ms: 900, audioSeconds: 3 },
      { type: 'said', host, ms: 4_000, audioSeconds: 2 },
    )
    expect(value('sotto_audio_seconds_total', { host })).toBe(5)
    expect(value('sotto_real_time_factor_sum', { host })).toBeCloseTo(2.3)
    expect(value('sotto_real_time_factor_bucket', { host, le: '0.3' })).toBe(1)
  })

  test('says whose fault a failure was, by code', async () => {
    const value = await after(
      { type: 'failed', ms: 5, ...failure('timeout') },
      { type: 'failed', ms: 5, ...failure('invalid', 'client') },
      { type: 'failed', ms: 5, ...failure('internal', 'proxy') },
    )
    const errors = (code: string, fault: string) =>
      value('sotto_host_errors_total', { host, code, class: fault })
    expect([errors('timeout', 'host'), errors('invalid', 'caller'), errors('internal', 'proxy')]).toEqual([
      1, 1, 1,
    ])
  })

  test('makes no label of a code that is not ours, not even of a name that every object has', async () => {
    const odd = ['user said: hello', 'constructor', '__proto__']
    const value = await after(
      ...odd.map((code): CallEvent => ({ type: 'failed', ms: 5, ...failure(code, 'moon') })),
    )
    expect(value('sotto_host_errors_total', { host, code: 'internal', class: 'proxy' })).toBe(3)
  })

  test('counts retries and refusals by code; hedges, expiries and stand-ins as such', async () => {
    const value = await after(
      { type: 'retried', ...failure('timeout') },
      { type: 'refused', ...failure('exhausted', 'client') },
      { type: 'hedged', host },
      { type: 'hedged', host },
      { type: 'expired', host },
      { type: 'degraded', host: 'local' },
    )
    expect(value('sotto_retries_total', { host, code: 'timeout' })).toBe(1)
    expect(value('sotto_refused_total', { host, code: 'exhausted' })).toBe(1)
    expect(value('sotto_hedges_total', { host })).toBe(2)
    expect(value('sotto_expired_total', { host })).toBe(1)
    expect(value('sotto_degraded_total', { host: 'local' })).toBe(1)
    expect(value('sotto_degraded_total', { host })).toBe(0)
  })

  test('counts the clauses of a batch', async () => {
    using metrics = new Metrics(new FakeClock())
    metrics.batch({ host, size: 16 })
    const value = await scrape(metrics)
    expect(value('sotto_batch_size_bucket', { host, le: '8' })).toBe(0)
    expect(value('sotto_batch_size_bucket', { host, le: '16' })).toBe(1)
  })

  test('harms nobody with numbers that are none', async () => {
    const value = await after(
      { type: 'queued', host, ms: NaN },
      { type: 'said', host, ms: Infinity, audioSeconds: Infinity },
      { type: 'said', host, ms: 5, audioSeconds: NaN },
      { type: 'said', host, ms: 5, audioSeconds: 0 },
    )
    expect(value('sotto_host_calls_total', { host, outcome: 'ok' })).toBe(3)
    expect(value('sotto_stage_seconds_count', { stage: 'host_total', host })).toBe(2)
    expect(value('sotto_audio_seconds_total', { host })).toBe(0)
  })
})
