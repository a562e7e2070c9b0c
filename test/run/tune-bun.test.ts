import { describe, expect, test } from 'bun:test'
import { BUN_SETTINGS, tuneBun } from '../../src/run/tune-bun.ts'

function started({ env = {}, isBun = true, script = '/sotto/src/main.ts', fails = false } = {}) {
  const calls: { path: string; argv: readonly string[]; env: Record<string, string> }[] = []
  const program = {
    argv: ['/bin/bun', script, 'serve', '--port', '1'],
    execArgv: ['--smol'],
    execPath: '/bin/bun',
    env,
    execve: (path: string, argv: readonly string[], tuned: Record<string, string>) => {
      if (fails) throw new Error('EPERM')
      calls.push({ path, argv, env: tuned })
    },
  }
  tuneBun({ isBun, program })
  expect(calls.length).toBeLessThan(2)
  return calls[0]
}

describe('tuneBun()', () => {
  test('starts Bun anew with its settings, and all else as it was', () => {
    expect(started({ env: { HOME: '/home' } })).toEqual({
      path: '/bin/bun',
      argv: ['/bin/bun', '--smol', '/sotto/src/main.ts', 'serve', '--port', '1'],
      env: { HOME: '/home', ...BUN_SETTINGS },
    })
  })

  test('leaves what somebody has set', () => {
    const env = { BUN_CONFIG_MAX_HTTP_REQUESTS: '300', MIMALLOC_PURGE_DELAY: '' }
    expect(started({ env })?.env).toEqual({ ...BUN_SETTINGS, ...env })
  })

  test('starts a compiled program by itself alone', () => {
    expect(started({ script: '/$bunfs/root/main.js' })?.argv).toEqual(['/bin/bun', 'serve', '--port', '1'])
  })

  test('does so once', () => {
    expect(started({ env: BUN_SETTINGS })).toBeUndefined()
    expect(started({ env: { ...BUN_SETTINGS, MIMALLOC_PURGE_DELAY: '0' } })).toBeUndefined()
  })

  test('leaves Bun as it is where it may not be started anew', () => {
    expect(started({ fails: true })).toBeUndefined()
  })

  test('has nothing to do elsewhere than on Bun', () => {
    expect(started({ isBun: false })).toBeUndefined()
  })
})
