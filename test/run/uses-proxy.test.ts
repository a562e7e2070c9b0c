import { expect, test } from 'bun:test'
import { usesProxy } from '../../src/run/uses-proxy.ts'

test('usesProxy() sees a proxy by each name, in small and large letters, and none in an empty one', () => {
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']) {
    expect([name, usesProxy({ [name]: 'http://proxy:3128' })]).toEqual([name, true])
    expect([name, usesProxy({ [name]: '' })]).toEqual([name, false])
  }
  expect(usesProxy({ no_proxy: '*' })).toBe(false)
})
