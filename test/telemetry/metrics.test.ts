import { describe, expect, test } from 'bun:test'
import type { CallEvent } from '../../src/speech.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { FakeClock } from '../fakes/clock.ts'
import { parseExposition } from './exposition.ts'
import { scrape } from './scrape.ts'

const error = { code: 'timeout', source: 'host' }
const host = 'gpu-1'
const EVENTS: readonly CallEvent[] = [
  { type: 'queued', host, ms: 12 },
  { type: 'first-audio', host, ms: 180 },
  { type: 'said', host, ms: 900, audioSeconds: 3 },
  { type: 'failed', host, ms: 900, error },
  { type: 'left', host, ms: 3 },
  { type: 'retried', host, error },
  { type: 'hedged', host },
  { type: 'joined' },
  { type: 'refused', host, error },
  { type: 'expired', host },
  { type: 'degraded', host },
]
const gauges = {
  host,
  waiting: 3,
  waitingChars: 120,
  estimateMs: 1_500,
  size: 4,
  taken: 2,
  breaker: 'closed' as const,
  voicesLeftAlone: 1,
  isUp: false,
}

function started() {
  const clock = new FakeClock()
  const metrics = new Metrics(clock)
  return { clock, metrics, [Symbol.dispose]: () => metrics[Symbol.dispose]() }
}

describe('Metrics', () => {
  test('says all in a form that Prometheus reads, whatever has happened', async () => {
    using subject = started()
    const { metrics } = subject
    parseExposition(await metrics.text())
    const quoted = 'a "quoted\\" one\n主机'
    const hosts = () => [gauges, { ...gauges, host: quoted }]
    metrics.watch({ hosts, spool: () => ({ used: 1, bytes: 2 }) })
    for (const event of EVENTS) metrics.tell(event)
    metrics.batch({ host, size: 64 })
    const { tell } = metrics
    for (const event of EVENTS) if ('host' in event) tell({ ...event, host: quoted })
    metrics.request({ route: '/v1/audio/speech', format: 'mp3' }).end('ok')
    const families = parseExposition(await metrics.text())
    const counted = families.get('sotto_hedges_total')!.samples.map(({ labels }) => labels.host)
    expect(counted).toEqual([host, quoted])
    expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  test('gives each its own numbers', async () => {
    using one = started()
    using other = started()
    one.metrics.tell({ type: 'joined' })
    expect((await scrape(one.metrics))('sotto_joined_total')).toBe(1)
    expect((await scrape(other.metrics))('sotto_joined_total')).toBe(0)
  })

  test('goes by the real clock unless it is given another', async () => {
    using metrics = new Metrics()
    metrics.request({ route: '/a' }).firstAudio()
    expect((await scrape(metrics))('sotto_first_audio_seconds_sum', { route: '/a' })).toBeWithin(0, 1)
  })

  test('counts the requests that have not ended', async () => {
    using subject = started()
    const meters = [1, 2, 3].map(() => subject.metrics.request({ route: '/a' }))
    meters[0]!.end('ok')
    meters[0]!.end('host')
    expect((await scrape(subject.metrics))('sotto_concurrent_requests')).toBe(2)
    for (const meter of meters) meter.end('caller')
    expect((await scrape(subject.metrics))('sotto_concurrent_requests')).toBe(0)
  })

  test('looks at the hosts when asked, and forgets one that has gone', async () => {
    using subject = started()
    let hosts = [gauges, { ...gauges, host: 'gpu-2', waiting: 7 }]
    let used = 10
    subject.metrics.watch({ hosts: () => hosts, spool: () => ({ used, bytes: 100 }) })
    const before = await scrape(subject.metrics)
    expect(before('sotto_queue_waiting', { host: 'gpu-2' })).toBe(7)
    hosts = [{ ...gauges, waiting: 1 }]
    used = 20
    const after = await scrape(subject.metrics)
    expect(after('sotto_queue_waiting', { host })).toBe(1)
    expect(after('sotto_queue_waiting', { host: 'gpu-2' })).toBeUndefined()
    expect([before('sotto_spool_bytes'), after('sotto_spool_bytes')]).toEqual([10, 20])
    expect(after('sotto_spool_budget_bytes')).toBe(100)
  })

  test('shows no count of a host that has gone, not even of a call that ends after that', async () => {
    using subject = started()
    const { metrics } = subject
    let hosts = [gauges, { ...gauges, host: 'gpu-2' }]
    metrics.watch({ hosts: () => hosts, spool: () => ({ used: 0, bytes: 1 }) })
    const tellAll = () => {
      for (const event of EVENTS) {
        metrics.tell(event)
        if ('host' in event) metrics.tell({ ...event, host: 'gpu-2' })
      }
      metrics.batch({ host: 'gpu-2', size: 8 })
    }
    tellAll()
    expect(await metrics.text()).toContain('gpu-2')
    hosts = [gauges]
    expect(await metrics.text()).not.toContain('gpu-2')
    tellAll()
    expect(await metrics.text()).not.toContain('gpu-2')
    hosts = [gauges, { ...gauges, host: 'gpu-2' }]
    const value = await scrape(metrics)
    expect(value('sotto_expired_total', { host: 'gpu-2' })).toBe(0)
    expect(value('sotto_expired_total', { host })).toBe(2)
  })

  test('shows the counts of a host from 0 on, before anything has happened there', async () => {
    using subject = started()
    subject.metrics.watch({ hosts: () => [gauges], spool: () => ({ used: 0, bytes: 1 }) })
    const value = await scrape(subject.metrics)
    expect(value('sotto_host_calls_total', { host, outcome: 'failed' })).toBe(0)
    expect(value('sotto_expired_total', { host })).toBe(0)
  })

  test('takes the hosts and routes past 256 together, so that a scrape stays bounded', async () => {
    using subject = started()
    for (let i = 0; i < 400; i++) {
      subject.metrics.tell({ type: 'expired', host: `host-${i}` })
      subject.metrics.request({ route: `/${i}` }).firstAudio()
    }
    const families = parseExposition(await subject.metrics.text())
    const expired = families.get('sotto_expired_total')!.samples
    expect(expired).toHaveLength(257)
    expect(expired.at(-1)).toMatchObject({ labels: { host: 'other' }, value: 144 })
    const routes = families.get('sotto_first_audio_seconds')!.samples.map(({ labels }) => labels.route)
    expect(new Set(routes).size).toBe(257)
  })

  test('sees that the event loop stalls, and stops to look once disposed of', async () => {
    const { clock, metrics } = started()
    await clock.advance(1_000)
    expect((await scrape(metrics))('sotto_event_loop_lag_seconds_count')).toBe(10)
    metrics[Symbol.dispose]()
    expect(clock.timers).toBe(0)
  })
})
