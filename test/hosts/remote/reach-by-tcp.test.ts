import { expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { reachByTcp } from '../../../src/hosts/remote/reach-by-tcp.ts'
import { freePort, listenOn } from '../../fakes/port.ts'

test('reachByTcp() resolves where something listens, and rejects where nothing does or it is told to stop', async () => {
  const port = await freePort()
  const address = new URL(`http://127.0.0.1:${port}/x`)
  const signal = new AbortController().signal
  expect(String(await reachByTcp(address, { signal }).catch((thrown) => thrown))).toContain('ECONNREFUSED')
  const server = createServer((socket) => socket.on('error', () => {}))
  await listenOn(server, port)
  await reachByTcp(address, { signal })
  const stop = new AbortController()
  const call = reachByTcp(address, { signal: stop.signal })
  stop.abort(new Error('stop'))
  expect(String(await call.catch((thrown) => thrown))).toContain('stop')
  await new Promise((resolve) => server.close(resolve))
})
