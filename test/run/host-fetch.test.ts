import { expect, test } from 'bun:test'
import { hostFetch } from '../../src/run/host-fetch.ts'

test('hostFetch() gives Deno’s fetch clients that let the header through, and one that keeps no connection', async () => {
  const made: object[] = []
  const calls: unknown[] = []
  const Deno = {
    createHttpClient(options: { readonly allowHost: boolean }) {
      made.push(options)
      return options
    },
  }
  const fetch = async (url: URL | string, init?: RequestInit) => {
    calls.push([url, init])
    return new Response()
  }
  const fetchAs = hostFetch({ fetch, Deno })
  await fetchAs('http://10.0.0.2', { headers: { host: 'gpu.example' } })
  await fetchAs('http://10.0.0.3')
  await fetchAs('http://10.0.0.3', { keepalive: false })
  expect(made).toEqual([{ allowHost: true }, { allowHost: true, poolMaxIdlePerHost: 0 }])
  expect(calls).toEqual([
    ['http://10.0.0.2', { headers: { host: 'gpu.example' }, client: made[0] }],
    ['http://10.0.0.3', { client: made[0] }],
    ['http://10.0.0.3', { keepalive: false, client: made[1] }],
  ])
})

test('hostFetch() is the platform’s own on Bun', () => {
  expect(hostFetch()).toBe(fetch)
})
