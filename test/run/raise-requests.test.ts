import { describe, expect, test } from 'bun:test'
import { raiseRequests } from '../../src/run/raise-requests.ts'

function started(needed: number, { env = {}, isBun = true, script = '/sotto/src/main.ts' } = {}) {
  const calls: { path: string; argv: readonly string[]; env: Record<string, string> }[] = []
  const program = {
    argv: ['/bin/bun', script, 'serve', '--port', '1'],
    execArgv: ['--smol'],
    execPath: '/bin/bun',
    env,
    execve: (path: string, argv: readonly string[], raised: Record<string, string>) => {
      calls.push({ path, argv, env: raised })
    },
  }
  raiseRequests(needed, { isBun, program })
  expect(calls.length).toBeLessThan(2)
  return calls[0]
}

describe('raiseRequests()', () => {
  test('leaves Bun as it is while it allows enough', () => {
    expect(started(256)).toBeUndefined()
  })

  test('starts Bun anew with as many as are needed, and all else as it was', () => {
    expect(started(300, { env: { HOME: '/home' } })).toEqual({
      path: '/bin/bun',
      argv: ['/bin/bun', '--smol', '/sotto/src/main.ts', 'serve', '--port', '1'],
      env: { HOME: '/home', BUN_CONFIG_MAX_HTTP_REQUESTS: '300', MIMALLOC_PURGE_DELAY: '500' },
    })
    expect(started(1e6)?.env).toMatchObject({ BUN_CONFIG_MAX_HTTP_REQUESTS: '65535' })
  })

  test('leaves how long memory is kept as somebody has set it', () => {
    expect(started(300, { env: { MIMALLOC_PURGE_DELAY: '0' } })?.env).toMatchObject({
      MIMALLOC_PURGE_DELAY: '0',
    })
  })

  test('starts a compiled program by itself alone', () => {
    expect(started(300, { script: '/$bunfs/root/main.js' })?.argv).toEqual([
      '/bin/bun',
      'serve',
      '--port',
      '1',
    ])
  })

  test('does so once, and never against what somebody has set', () => {
    expect(started(300, { env: { BUN_CONFIG_MAX_HTTP_REQUESTS: '300' } })).toBeUndefined()
    expect(started(300, { env: { BUN_CONFIG_MAX_HTTP_REQUESTS: '10' } })).toBeUndefined()
  })

  test('has nothing to do elsewhere than on Bun', () => {
    expect(started(10_000, { isBun: false })).toBeUndefined()
  })
})
