import { expect, test } from 'bun:test'
import { type HostGauges, readGauges } from '../../src/telemetry/host-gauges.ts'
import { instruments } from '../../src/telemetry/instruments.ts'
import { Registry } from '../../src/telemetry/prom-client.ts'
import { scrape } from './scrape.ts'

const host: HostGauges = {
  host: 'gpu-1',
  waiting: 3,
  waitingChars: 120,
  estimateMs: 1_500,
  size: 4,
  taken: 2,
  breaker: 'open',
  voicesLeftAlone: 1,
  isUp: false,
}

async function shown(hosts: readonly HostGauges[]) {
  const registry = new Registry()
  readGauges(hosts, instruments(registry))
  return scrape({ text: () => registry.metrics() })
}

test('readGauges() shows each number of a host under its name', async () => {
  const value = await shown([host])
  const names = [
    'queue_waiting',
    'queue_characters',
    'queue_wait_estimate_seconds',
    'slots',
    'slots_taken',
    'voices_left_alone',
    'host_up',
  ]
  expect(names.map((name) => value(`sotto_${name}`, { host: 'gpu-1' }))).toEqual([3, 120, 1.5, 4, 2, 1, 0])
})

test('readGauges() numbers the states of a breaker by how bad they are', async () => {
  const value = await shown(
    (['closed', 'half-open', 'open'] as const).map((breaker) => ({ ...host, host: breaker, breaker })),
  )
  expect(['closed', 'half-open', 'open'].map((name) => value('sotto_breaker_state', { host: name }))).toEqual(
    [0, 1, 2],
  )
})

test('readGauges() shows no estimate while nobody can tell, and an endless one as such', async () => {
  const value = await shown([
    { ...host, estimateMs: NaN },
    { ...host, host: 'dead', estimateMs: Infinity },
  ])
  expect(value('sotto_queue_wait_estimate_seconds', { host: 'gpu-1' })).toBeUndefined()
  expect(value('sotto_queue_wait_estimate_seconds', { host: 'dead' })).toBe(Infinity)
})
