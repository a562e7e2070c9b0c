import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { Endpoints, type EndpointsChange, type EndpointsOptions } from '../../src/dispatch/endpoints.ts'
import { FakeClock, settle } from '../fakes/clock.ts'

const HOST = { id: 'gpu-1', url: 'http://gpu.example:50000/tts' }
const EVERY = 30_000

type Answer = readonly string[] | Error | Promise<readonly string[]>

/** Endpoints whose name leads to what is in `dns` at the moment of each look-up. */
function endpointsOf(
  answer: Answer,
  { url = HOST.url, ...options }: EndpointsOptions & { url?: string } = {},
) {
  const clock = new FakeClock()
  const dns = { answer }
  const asked: string[] = []
  const changes: EndpointsChange[] = []
  const endpoints = new Endpoints(
    { ...HOST, url },
    {
      setTimer: clock.setTimer,
      onChange: (change) => changes.push(change),
      async lookup(name) {
        asked.push(name)
        if (dns.answer instanceof Error) throw dns.answer
        return dns.answer
      },
      ...options,
    },
  )
  const ids = () => endpoints.list.map(({ id }) => id)
  return { clock, dns, asked, changes, endpoints, ids }
}

const idsOf = ({ added, removed }: EndpointsChange) => ({
  added: added.map(({ id }) => id),
  removed: removed.map(({ id }) => id),
})

describe('Endpoints', () => {
  test('makes each address of a name an endpoint that still gets the name', async () => {
    const { endpoints, asked } = endpointsOf(['10.0.0.3', '10.0.0.2', '10.0.0.3'])
    expect(await endpoints.ready).toEqual([
      { id: 'gpu-1@10.0.0.2', url: 'http://10.0.0.2:50000/tts', headers: { host: 'gpu.example:50000' } },
      { id: 'gpu-1@10.0.0.3', url: 'http://10.0.0.3:50000/tts', headers: { host: 'gpu.example:50000' } },
    ])
    expect(asked).toEqual(['gpu.example'])
  })

  test('leaves a name with one address as it was written', async () => {
    const { endpoints } = endpointsOf(['10.0.0.2'])
    expect(await endpoints.ready).toEqual([{ ...HOST, headers: {} }])
  })

  test('looks up again every 30 seconds and tells what came and went', async () => {
    const { clock, dns, changes, ids, endpoints } = endpointsOf(['10.0.0.2', '10.0.0.3'])
    const [stays, goes] = await endpoints.ready
    dns.answer = ['10.0.0.4', '10.0.0.2']
    await clock.advance(EVERY - 1)
    expect(changes).toEqual([])
    await clock.advance(1)
    expect(changes.map(idsOf)).toEqual([{ added: ['gpu-1@10.0.0.4'], removed: ['gpu-1@10.0.0.3'] }])
    expect(changes[0]!.removed[0]).toBe(goes!)
    expect(endpoints.list[0]).toBe(stays!)
    await clock.advance(EVERY)
    expect(changes).toHaveLength(1) // the same addresses are no change
    dns.answer = ['10.0.0.4']
    await clock.advance(EVERY)
    expect(ids()).toEqual(['gpu-1@10.0.0.4']) // the last one keeps its id, and so its state
    dns.answer = ['10.0.0.4', '10.0.0.5']
    await clock.advance(EVERY)
    expect(idsOf(changes[2]!)).toEqual({ added: ['gpu-1@10.0.0.5'], removed: [] })
  })

  test('parts a name into its addresses when it gets a second one', async () => {
    const { clock, dns, changes, endpoints } = endpointsOf(['10.0.0.2'])
    await endpoints.ready
    dns.answer = ['10.0.0.9'] // moved: for fetch to find out
    await clock.advance(EVERY)
    expect(changes).toEqual([])
    dns.answer = ['10.0.0.2', '10.0.0.3']
    await clock.advance(EVERY)
    expect(changes.map(idsOf)).toEqual([{ added: ['gpu-1@10.0.0.2', 'gpu-1@10.0.0.3'], removed: ['gpu-1'] }])
  })

  test.each<[string, Answer]>([
    ['an error', new Error('ENOTFOUND')],
    ['nothing', []],
    ['nothing that can stand in a URL', ['not an address', 'fe80::1%eth0']],
  ])('keeps what it knows when a look-up gives %s', async (_, nothing) => {
    const { clock, dns, changes, ids, endpoints } = endpointsOf(['10.0.0.2', '10.0.0.3'])
    await endpoints.ready
    dns.answer = nothing
    await clock.advance(3 * EVERY)
    expect([ids(), changes]).toEqual([['gpu-1@10.0.0.2', 'gpu-1@10.0.0.3'], []])
  })

  test('begins with the name at once when it cannot be looked up, and with its addresses when it can', async () => {
    const { clock, dns, changes, endpoints } = endpointsOf(new Error('ENOTFOUND'))
    expect(await endpoints.ready).toEqual([{ ...HOST, headers: {} }])
    dns.answer = ['10.0.0.2', '10.0.0.3']
    await clock.advance(EVERY)
    expect(changes.map(({ added }) => added.length)).toEqual([2])
  })

  test('begins with the name after 5 seconds when the look-up hangs, and takes what it gives later', async () => {
    const { promise, resolve } = Promise.withResolvers<readonly string[]>()
    const { clock, changes, ids, endpoints } = endpointsOf(promise)
    let ready = false
    endpoints.ready.then(() => (ready = true))
    await clock.advance(4_999)
    expect([ready, ids()]).toEqual([false, []])
    await clock.advance(1)
    expect([ready, ids()]).toEqual([true, ['gpu-1']])
    resolve(['10.0.0.2', '10.0.0.3'])
    await settle()
    expect(changes.map(idsOf)).toEqual([{ added: ['gpu-1@10.0.0.2', 'gpu-1@10.0.0.3'], removed: ['gpu-1'] }])
  })

  test('has at most two look-ups under way, and goes on when one never comes back', async () => {
    const { clock, dns, asked, ids, endpoints } = endpointsOf(['10.0.0.2', '10.0.0.3'])
    await endpoints.ready
    dns.answer = new Promise(() => {})
    await clock.advance(EVERY)
    dns.answer = ['10.0.0.4', '10.0.0.5']
    await clock.advance(EVERY)
    expect(ids()).toEqual(['gpu-1@10.0.0.4', 'gpu-1@10.0.0.5'])
    dns.answer = new Promise(() => {})
    await clock.advance(10 * EVERY)
    expect(asked).toHaveLength(4)
    expect(ids()).toEqual(['gpu-1@10.0.0.4', 'gpu-1@10.0.0.5'])
  })

  test('does not take an older answer for a newer one', async () => {
    const { promise, resolve } = Promise.withResolvers<readonly string[]>()
    const { clock, dns, ids, endpoints } = endpointsOf(promise)
    await clock.advance(5_000)
    dns.answer = ['10.0.0.4', '10.0.0.5']
    await clock.advance(EVERY)
    resolve(['10.0.0.2', '10.0.0.3'])
    await settle()
    expect(ids()).toEqual(['gpu-1@10.0.0.4', 'gpu-1@10.0.0.5'])
    expect(await endpoints.ready).toMatchObject([{ id: 'gpu-1' }])
  })

  test('counts a machine with addresses of both families once', async () => {
    const { endpoints } = endpointsOf(['fd00::3', '10.0.0.3', 'fd00::2', '10.0.0.2'])
    expect((await endpoints.ready).map(({ id }) => id)).toEqual(['gpu-1@10.0.0.2', 'gpu-1@10.0.0.3'])
  })

  test('puts an IPv6 address into brackets, and keeps user and password', async () => {
    const { endpoints } = endpointsOf(['fd00::2', 'fd00::3'], { url: 'http://me:hush@gpu.example' })
    expect((await endpoints.ready)[0]).toEqual({
      id: 'gpu-1@fd00::2',
      url: 'http://me:hush@[fd00::2]/',
      headers: { host: 'gpu.example' },
    })
  })

  test.each([
    'http://10.0.0.2:50000',
    'http://[::1]:50000',
    'http://localhost:50000',
    'http://gpu.localhost:50000',
    'https://gpu.example',
  ])('looks nothing up for %s', async (url) => {
    const { endpoints, asked, clock } = endpointsOf(['10.0.0.2', '10.0.0.3'], { url })
    expect(await endpoints.ready).toEqual([{ id: 'gpu-1', url, headers: {} }])
    expect([asked, clock.timers]).toEqual([[], 0])
  })

  test('stops when it is disposed of, though a look-up is under way', async () => {
    const { promise, resolve } = Promise.withResolvers<readonly string[]>()
    const { endpoints, clock, changes } = endpointsOf(promise)
    endpoints[Symbol.dispose]()
    expect(await endpoints.ready).toMatchObject([{ id: 'gpu-1' }])
    resolve(['10.0.0.2', '10.0.0.3'])
    await settle()
    expect([clock.timers, changes]).toEqual([0, []])
  })

  test('asks the system where nothing else is given', async () => {
    using endpoints = new Endpoints({ id: 'gpu-1', url: 'http://no-such-name.invalid:1' })
    expect(await endpoints.ready).toEqual([
      { id: 'gpu-1', url: 'http://no-such-name.invalid:1', headers: {} },
    ])
  })

  test('always lists what its changes add up to, each address once', async () => {
    const addresses = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 5 })
    const answer = fc.oneof(
      addresses.map((list) => list.map((n) => `10.0.0.${n}`)),
      fc.constant(new Error('SERVFAIL')),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 8 }), async (answers) => {
        const { clock, dns, changes, endpoints } = endpointsOf(answers[0]!)
        const known = new Map((await endpoints.ready).map((endpoint) => [endpoint.id, endpoint]))
        for (const next of answers.slice(1)) {
          dns.answer = next
          await clock.advance(EVERY)
        }
        for (const { added, removed } of changes) {
          for (const { id } of removed) expect(known.delete(id)).toBe(true)
          for (const endpoint of added) {
            expect(known.has(endpoint.id)).toBe(false)
            known.set(endpoint.id, endpoint)
          }
        }
        expect(new Map(endpoints.list.map((endpoint) => [endpoint.id, endpoint]))).toEqual(known)
        const last = answers.findLast((each) => Array.isArray(each) && each.length > 0) as
          | string[]
          | undefined
        if (last && last.length > 1)
          expect(endpoints.list.map(({ url }) => new URL(url).hostname).sort()).toEqual(last.toSorted())
        expect(endpoints.list.length).toBeGreaterThan(0)
        endpoints[Symbol.dispose]()
      }),
      { numRuns: 50 },
    )
  })
})
