import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { test } from 'node:test'
import { FakeClock } from '../fakes/clock.ts'
import { freePort, listenOn } from '../fakes/port.ts'
import { startSotto } from '../fakes/sotto.ts'

async function startHost(port: number): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}))
  await listenOn(server, port)
  return server
}
const stop = (host: Server) => new Promise((resolve) => host.close(resolve))

test('/readyz tells whether a host takes connections, before anybody has asked it to speak', async () => {
  const clock = new FakeClock()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const gpu = { id: 'gpu', kind: 'cosyvoice-http', url, model: 'cosyvoice-300m-sft' }
  const hosts = [{ ...gpu, voices: [{ id: '中文女', mode: 'sft' }] }]
  await using sotto = await startSotto({ hosts }, undefined, { watch: true, setTimer: clock.setTimer })
  const ready = async () => {
    const response = await fetch(`${sotto.url}/readyz`)
    return { code: response.status, ...((await response.json()) as object) }
  }
  /** What it says once it has tried again. */
  const readyAfter = async (code: number) => {
    for (let i = 0; i < 500; i++) {
      await clock.advance(5_000)
      const said = await ready()
      if (said.code === code) return said
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return ready()
  }
  const notReady = { code: 503, status: 'not ready', troubles: ['gpu cannot be reached: ECONNREFUSED'] }

  await sotto.services.router.settled
  assert.deepEqual(await ready(), notReady)
  const host = await startHost(port)
  assert.deepEqual(await readyAfter(200), { code: 200, status: 'ready', troubles: [] })
  await stop(host)
  assert.deepEqual(await readyAfter(503), notReady)
})
