import { expect, test } from 'bun:test'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { parseConfig } from '../src/config.ts'
import { Router } from '../src/dispatch/router.ts'
import { Fleet } from '../src/fleet.ts'
import { clauseOf } from './fakes/clause.ts'
import { listenOn } from './fakes/port.ts'
import { square } from './fakes/samples.ts'
import { all } from './hosts/contract.ts'

const SECONDS = 1.5

interface Settings {
  /** It answers as soon as so many calls wait for that. @default 1 */
  readonly enough?: number
  readonly slots?: number
  readonly maxConnections?: number
}

/** A host on a real socket that counts its connections. */
async function hostOf({ enough = 1, ...settings }: Settings = {}) {
  const open = new Set<Socket>()
  const waiting: (() => void)[] = []
  const count = { calls: 0, connections: 0, mostAtOnce: 0 }
  const server = createServer((request, response) => {
    count.calls++
    request.resume()
    response.writeHead(200, { 'content-type': 'audio/pcm' })
    waiting.push(() => response.end(Buffer.from(square(SECONDS).buffer)))
    if (waiting.length === enough) for (const answer of waiting.splice(0)) answer()
  })
  server.on('connection', (socket) => {
    count.connections++
    open.add(socket)
    count.mostAtOnce = Math.max(count.mostAtOnce, open.size)
    socket.once('close', () => open.delete(socket))
  })
  const port = await listenOn(server)
  const url = `http://127.0.0.1:${port}`
  const gpu = { id: 'gpu', kind: 'openai', url, model: 'm', voices: [{ id: 'v' }], ...settings }
  const router = new Router()
  const fleet = new Fleet(parseConfig({ hosts: [gpu] }), { router, metrics: { batch: () => {} } })
  const [route] = router.routes
  return {
    count,
    async say(text: string) {
      const pcm = await route!.synthesize(clauseOf(text), { signal: new AbortController().signal })
      expect((await all(pcm)).length).toBe(SECONDS * 24_000)
    },
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]()
      server.closeAllConnections()
      server.close()
    },
  }
}

test('calls one after another go over one connection', async () => {
  await using host = await hostOf()
  for (let i = 0; i < 20; i++) await host.say(`Text ${i}.`)
  expect(host.count).toEqual({ calls: 20, connections: 1, mostAtOnce: 1 })
})

test('calls at once have no more connections than maxConnections says', async () => {
  await using host = await hostOf({ enough: 2, slots: 8, maxConnections: 2 })
  await Promise.all(Array.from({ length: 10 }, (_, i) => host.say(`Text ${i}.`)))
  expect(host.count).toMatchObject({ calls: 10, mostAtOnce: 2 })
})
