import { expect, test } from 'bun:test'
import { fetchWithHost } from '../../src/run/fetch-with-host.ts'

test('fetchWithHost() gives Deno’s fetch one client that lets the header through', async () => {
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
  const fetchAs = fetchWithHost({ fetch, Deno })
  await fetchAs('http://10.0.0.2', { headers: { host: 'gpu.example' } })
  await fetchAs('http://10.0.0.3')
  expect(made).toEqual([{ allowHost: true }])
  expect(calls).toEqual([
    ['http://10.0.0.2', { headers: { host: 'gpu.example' }, client: made[0] }],
    ['http://10.0.0.3', { client: made[0] }],
  ])
})

test('fetchWithHost() is the platform’s own on Bun', () => {
  expect(fetchWithHost()).toBe(fetch)
})
