import { describe, expect, test } from 'bun:test'
import { type Refused, refusal } from '../../../src/hosts/http/refusal.ts'
import { concealing } from '../../../src/hosts/remote/conceal.ts'
import { FakeClock } from '../../fakes/clock.ts'

const whom = { host: 'gpu-1', voice: 'anna' }

const refused = (status: number, headers: Record<string, string> = {}, meaning?: Refused) =>
  refusal(new Response('', { status, headers }), {
    whom,
    conceal: concealing(['a secret']),
    setTimer: new FakeClock().setTimer,
    refused: meaning,
  })

describe('refusal()', () => {
  test('of a busy host says when to come again: as the host does, else soon for one that is well', async () => {
    for (const status of [429, 503]) {
      const error = await refused(status, { 'retry-after': '6.5' })
      expect(error.retryAfterMs).toBe(6_500)
      expect(error.message).toBe(`Host "gpu-1" is busy and asks to wait 7 s (${status})`)
      expect((await refused(status)).retryAfterMs).toBe(status === 429 ? 1_000 : undefined)
    }
  })

  test('repeats no secret of where it is redirected to', async () => {
    const { message, log } = await refused(302, { location: '/login?key=a secret' })
    expect(message).toBe('Host "gpu-1" redirects: set url to where it really is (302)')
    expect(log).toBe('redirects to /login?key=… (302): set url to that')
  })

  test('says for a log what it is, without the host’s words', async () => {
    const { message, log } = await refusal(Response.json({ error: 'CUDA out of memory' }, { status: 500 }), {
      whom,
      conceal: concealing([]),
      setTimer: new FakeClock().setTimer,
    })
    expect([message, log]).toEqual(['Host "gpu-1" failed (500: CUDA out of memory)', 'failed (500)'])
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

  test('reads of an error that does not end only the start, and not for long', async () => {
    const clock = new FakeClock()
    let cancelled = 0
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('<p>'.repeat(1_000))),
      cancel: () => void cancelled++,
    })
    const silent = new ReadableStream({ cancel: () => void cancelled++ })
    for (const body of [endless, silent]) {
      const error = refusal(new Response(body, { status: 500 }), {
        whom,
        conceal: concealing(['a secret']),
        setTimer: clock.setTimer,
      })
      await clock.advance(1_000)
      expect((await error).message).toBe('Host "gpu-1" failed (500)')
    }
    expect(cancelled).toBe(2)
    expect(clock.timers).toBe(0)
  })

  test('tells of an error that is itself cut what has come', async () => {
    const chunks = ['{"error":', '"Full"}']
    const body = new ReadableStream({
      pull(controller) {
        const chunk = chunks.shift()
        if (chunk) controller.enqueue(new TextEncoder().encode(chunk))
        else controller.error(new Error('reset'))
      },
    })
    const { setTimer } = new FakeClock()
    const error = await refusal(new Response(body, { status: 500 }), {
      whom,
      conceal: concealing(['a secret']),
      setTimer,
    })
    expect(error.message).toBe('Host "gpu-1" failed (500: Full)')
  })
})
