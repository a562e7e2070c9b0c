import { expect, test } from 'bun:test'
import { processMetrics } from '../../src/telemetry/process-metrics.ts'
import { Registry } from '../../src/telemetry/prom-client.ts'
import { scrape } from './scrape.ts'

function scraped() {
  const registry = new Registry()
  processMetrics(registry)
  return () => scrape({ text: () => registry.metrics() })
}

test('processMetrics() tells what the process is and holds', async () => {
  const value = await scraped()()
  expect(value('process_resident_memory_bytes')).toBeWithin(10e6, 10e9)
  expect(value('process_start_time_seconds')! * 1000).toBeWithin(Date.now() - 3_600_000, Date.now())
  expect(value('nodejs_heap_size_used_bytes')).toBeGreaterThan(0)
  expect(value('nodejs_external_memory_bytes')).toBeGreaterThanOrEqual(0)
})

test('processMetrics() reads anew each time, and does not add up what it has read', async () => {
  const read = scraped()
  const before = await read()
  let sum = 0
  for (let i = 0; i < 3e7; i++) sum += i % 7
  expect(sum).toBeGreaterThan(0)
  const after = await read()
  const [user, system, both] = ['user_', 'system_', ''].map(
    (mode) => after(`process_cpu_${mode}seconds_total`)!,
  )
  expect(both!).toBeGreaterThan(before('process_cpu_seconds_total')!)
  expect(user! + system!).toBeCloseTo(both!, 1)
  expect(both!).toBeCloseTo((process.cpuUsage().user + process.cpuUsage().system) / 1e6, 0)
})

test.if(process.platform === 'linux')(
  'processMetrics() counts open files where the system lists them',
  async () => {
    const value = await scraped()()
    expect(value('process_open_fds')).toBeWithin(3, value('process_max_fds')!)
  },
)
