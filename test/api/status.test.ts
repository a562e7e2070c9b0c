import { describe, expect, test } from 'bun:test'
import { statusRoutes } from '../../src/api/status.ts'

const router = { isReady: true, isFull: false, troubles: [] }

describe('statusRoutes()', () => {
  test('answers /healthz while the process lives', async () => {
    const response = await statusRoutes({ ...router, isReady: false }).request('/healthz')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
  })

  test.each([
    ['while some host can speak', {}, 200, 'ready'],
    ['while no host can', { isReady: false, troubles: ['gpu is starting'] }, 503, 'not ready'],
    ['while no host takes more to say', { isFull: true, troubles: ['gpu has a full queue'] }, 503, 'full'],
  ])('answers /readyz %s', async (_, state, code, status) => {
    const response = await statusRoutes({ ...router, ...state }).request('/readyz')
    const { troubles } = { ...router, ...state }
    expect([response.status, await response.json()]).toEqual([code, { status, troubles }])
  })
})
