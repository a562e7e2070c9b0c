import { describe, expect, test } from 'bun:test'
import { statusRoutes } from '../../src/api/status.ts'

describe('statusRoutes()', () => {
  test('answers /healthz while the process lives', async () => {
    const response = await statusRoutes({ isReady: false, troubles: [] }).request('/healthz')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
  })

  test('answers /readyz with 503 and the reasons while no host can speak', async () => {
    const response = await statusRoutes({ isReady: false, troubles: ['gpu is starting'] }).request('/readyz')
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'not ready', troubles: ['gpu is starting'] },
    ])
    expect((await statusRoutes({ isReady: true, troubles: [] }).request('/readyz')).status).toBe(200)
  })
})
