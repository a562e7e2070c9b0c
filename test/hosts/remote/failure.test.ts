import { describe, expect, test } from 'bun:test'
import { cut, refusal } from '../../../src/hosts/remote/failure.ts'

const whom = { host: 'gpu-1', voice: 'anna' }

describe('cut()', () => {
  test('before any audio is the voice’s trouble first, later the host’s', () => {
    expect(cut(whom, { heard: false, cause: undefined })).toMatchObject({ scope: 'voice', source: 'host' })
    expect(cut(whom, { heard: true, cause: undefined })).toMatchObject({ scope: 'host', source: 'host' })
  })
})

describe('refusal()', () => {
  const refused = (status: number, headers: Record<string, string> = {}) =>
    refusal(whom, new Response('', { status, headers }))

  test('of a busy host says when to come again, where the host does', async () => {
    for (const status of [429, 503]) {
      expect((await refused(status, { 'retry-after': '7' })).retryAfterMs).toBe(7_000)
      expect((await refused(status)).retryAfterMs).toBeUndefined()
    }
  })
})
