import { describe, expect, test } from 'bun:test'
import { raiseRequests } from '../../src/run/raise-requests.ts'

function started(needed: number, { env = {}, isBun = true } = {}): Record<string, string> | undefined {
  let given: Record<string, string> | undefined
  raiseRequests(needed, { env, isBun, restart: (all) => (given = all) })
  return given
}

describe('raiseRequests()', () => {
  test('leaves Bun as it is while it allows enough', () => {
    expect(started(256)).toBeUndefined()
  })

  test('starts Bun anew with as many as are needed, and all else as it was', () => {
    expect(started(300, { env: { HOME: '/home' } })).toEqual({
      HOME: '/home',
      BUN_CONFIG_MAX_HTTP_REQUESTS: '300',
    })
    expect(started(1e6)).toMatchObject({ BUN_CONFIG_MAX_HTTP_REQUESTS: '65535' })
  })

  test('does so once, and never against what somebody has set', () => {
    expect(started(300, { env: { BUN_CONFIG_MAX_HTTP_REQUESTS: '300' } })).toBeUndefined()
    expect(started(300, { env: { BUN_CONFIG_MAX_HTTP_REQUESTS: '10' } })).toBeUndefined()
  })

  test('has nothing to do elsewhere than on Bun', () => {
    expect(started(10_000, { isBun: false })).toBeUndefined()
  })
})
