import { describe, expect, test } from 'bun:test'
import { httpPost, jsonPost, type PostConfig, type PostDeps } from '../../../src/hosts/http/post.ts'
import { concealing } from '../../../src/hosts/remote/conceal.ts'
import { FakeClock } from '../../fakes/clock.ts'
import { failure } from '../contract.ts'

const address = new URL('http://h/speech')

type Answer = (init: RequestInit) => Response | Promise<Response>

/** Sends a form to a host that is a function. */
function send(answer: Answer, { apiKey, headers = {}, ...deps }: Partial<PostDeps & PostConfig> = {}) {
  const clock = new FakeClock()
  const end = new AbortController()
  const config = { apiKey, headers, timeouts: { connectMs: 5_000 } }
  const post = httpPost(config, { fetch: async (_, init) => answer(init), setTimer: clock.setTimer, ...deps })
  const leaving = { signal: end.signal, end: (reason: unknown) => end.abort(reason) }
  const whom = { host: 'gpu-1', voice: 'anna' }
  return {
    clock,
    end,
    reply: post({ address, body: new FormData() }, { whom, leaving, conceal: concealing(['a secret']) }),
  }
}

const reset = () => Object.assign(new TypeError('fetch failed'), { code: 'ECONNRESET' })

const never: Answer = ({ signal }) =>
  new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))

describe('httpPost()', () => {
  test('takes a closed connection for one that lay idle: it asks once more, over a new one, and only once', async () => {
    for (const failures of [1, 2]) {
      let calls = 0
      const { reply } = send(({ keepalive }) => {
        expect(keepalive).toBe(calls === 0 ? undefined : false)
        if (calls++ < failures) throw reset()
        return new Response('ok')
      })
      if (failures === 1) expect(await (await reply).text()).toBe('ok')
      else
        expect(await failure(reply)).toMatchObject({ code: 'unavailable', source: 'host', retryable: true })
      expect(calls).toBe(2)
    }
  })

  test('does not ask again after any other failure, or for a call that has ended', async () => {
    for (const thrown of [new TypeError('getaddrinfo ENOTFOUND h'), reset()]) {
      const answered = Promise.withResolvers<Response>()
      let calls = 0
      const { end, reply } = send(() => {
        calls++
        return answered.promise
      })
      if (thrown.message === 'fetch failed') end.abort(new Error('left'))
      answered.reject(thrown)
      expect(await failure(reply)).toMatchObject({ code: 'unavailable' })
      expect(calls).toBe(1)
    }
  })

  test('calls a host unreachable that is silent and takes no connection either', async () => {
    const { clock, reply } = send(never, { reach: () => new Promise<void>(() => {}) })
    const call = failure(reply)
    await clock.advance(5_000)
    expect(await call).toMatchObject({ code: 'unavailable', source: 'host', retryable: true })
    expect(clock.timers).toBe(0)
  })

  test('waits for one that is silent and takes connections', async () => {
    const { clock, end, reply } = send(never, { reach: async () => {} })
    let isSettled = false
    const call = failure(reply).finally(() => {
      isSettled = true
    })
    await clock.advance(100_000)
    expect(isSettled).toBe(false)
    end.abort(new Error('left'))
    await call
  })

  test('sends the key, unless the headers have another', async () => {
    const sent: (string | null)[] = []
    const answer: Answer = ({ headers }) => {
      sent.push(new Headers(headers).get('authorization'))
      return new Response('ok')
    }
    await send(answer, { apiKey: 'k' }).reply
    await send(answer, { apiKey: 'k', headers: { Authorization: 'Basic x' } }).reply
    expect(sent).toEqual(['Bearer k', 'Basic x'])
  })

  test('repeats no secret from what the host says', async () => {
    const body = JSON.stringify({ detail: 'Not "a secret"' })
    const { reply } = send(() => new Response(body, { status: 400 }))
    expect(String(await failure(reply))).toContain('(400: Not "…")')
  })

  test('asks for replies as they are, unless the config says otherwise', async () => {
    const asked: (string | null)[] = []
    const answer: Answer = ({ headers }) => {
      asked.push(new Headers(headers).get('accept-encoding'))
      return new Response('ok')
    }
    await send(answer).reply
    await send(answer, { headers: { 'Accept-Encoding': 'gzip' } }).reply
    expect(asked).toEqual(['identity', 'gzip'])
  })
})

test('jsonPost() sends JSON and says so, as a blob, which Deno does not send twice', async () => {
  const sent: RequestInit[] = []
  const fetch: PostDeps['fetch'] = async (_, init) => {
    sent.push(init)
    return new Response('ok')
  }
  const config = { headers: { 'X-Team': 'a' }, timeouts: { connectMs: 1 } }
  const post = jsonPost(config, { fetch, setTimer: new FakeClock().setTimer })
  const leaving = { signal: new AbortController().signal, end() {} }
  await post(
    { address, json: { a: 1 } },
    { whom: { host: 'h', voice: 'v' }, leaving, conceal: concealing([]) },
  )
  const { body, headers } = sent[0]!
  expect(body).toBeInstanceOf(Blob)
  expect(await (body as Blob).json()).toEqual({ a: 1 })
  expect(Object.fromEntries(new Headers(headers))).toEqual({
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'x-team': 'a',
  })
})
