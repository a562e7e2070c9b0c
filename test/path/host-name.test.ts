import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { hostFetch } from '../../src/run/host-fetch.ts'
import { listenOn } from '../fakes/port.ts'

test('a host that is called by its address is told its name', async () => {
  const named: (string | undefined)[] = []
  const server = createServer(({ headers }, reply) => {
    named.push(headers.host)
    reply.end()
  })
  const port = await listenOn(server)
  const fetch = hostFetch()
  const body = new FormData()
  for (const host of ['gpu.example:50000', 'other.example'])
    await (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: { host }, body })).text()
  assert.deepEqual(named, ['gpu.example:50000', 'other.example'])
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
