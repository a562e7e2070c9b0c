import { describe, expect, test } from 'bun:test'
import { type Refused, refusal } from '../../../src/hosts/http/refusal.ts'
import { FakeClock } from '../../fakes/clock.ts'

const whom = { host: 'gpu-1', voice: 'anna' }

const refused = (status: number, headers: Record<string, string> = {}, meaning?: Refused) =>
  refusal(new Response('', { status, headers }), {
    whom,
    hidden: [],
    setTimer: new FakeClock().setTimer,
    refused: meaning,
  })

describe('refusal()', () => {
  test('of a busy host says when to come again, where the host does', async () => {
    for (const status of [429, 503]) {
      const error = await refused(status, { 'retry-after': '6.5' })
      expect(error.retryAfterMs).toBe(6_500)
      expect(error.message).toBe(`Host "gpu-1" is busy and asks to wait 7 s (${status})`)
      expect((await refused(status)).retryAfterMs).toBeUndefined()
    }
  })

  test('leaves it to the kind of host what a 4xx means, and nothing else', async () => {
    const meaning: Refused = (status, { voice }) => [`shrugs at ${status} and ${voice}`, { source: 'proxy' }]
    for (const status of [400, 401, 404, 422]) {
      const error = await refused(status, {}, meaning)
      expect(error.message).toBe(`Host "gpu-1" shrugs at ${status} and anna (${status})`)
      expect(error).toMatchObject({ code: 'upstream', source: 'proxy', retryable: false })
    }
    for (const status of [302, 408, 429, 500, 504]) {
      expect(await refused(status, {}, meaning)).toMatchObject({ source: 'host' })
    }
  })
})
