import { expect, test } from 'bun:test'
import { metricsRoutes } from '../../src/api/metrics.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { FakeClock } from '../fakes/clock.ts'
import { parseExposition } from '../telemetry/exposition.ts'

test('metricsRoutes() answers /metrics in Prometheus’s text format, fresh each time', async () => {
  using metrics = new Metrics(new FakeClock())
  const routes = metricsRoutes(metrics)
  const read = async () => {
    const response = await routes.request('/metrics')
    return { response, families: parseExposition(await response.text()) }
  }
  const { response, families } = await read()
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(families.get('sotto_joined_total')!.samples[0]!.value).toBe(0)
  metrics.tell({ type: 'joined' })
  expect((await read()).families.get('sotto_joined_total')!.samples[0]!.value).toBe(1)
})
