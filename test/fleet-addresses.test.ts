import { expect, test } from 'bun:test'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import type { Server } from 'node:net'
import { parseConfig } from '../src/config.ts'
import { Router } from '../src/dispatch/router.ts'
import { Fleet, type FleetOptions } from '../src/fleet.ts'
import { clauseOf } from './fakes/clause.ts'
import { FakeClock, settle } from './fakes/clock.ts'
import { freePort, listenOn } from './fakes/port.ts'

const [HERE, THERE] = ['127.0.0.1', '127.0.0.2'] as const
const KINDS = {
  'cosyvoice-grpc': { model: 'cosyvoice-300m-sft', voices: [{ id: 'v', mode: 'sft' }] },
  'cosyvoice-http': { model: 'cosyvoice-300m-sft', voices: [{ id: 'v', mode: 'sft' }] },
  openai: { model: 'm', voices: [{ id: 'v' }] },
  batch: { voices: [{ id: 'v' }] },
}
type Kind = keyof typeof KINDS

/** A server of this kind at each of two addresses, which refuses whatever it is asked. */
async function refusing(kind: Kind) {
  const port = await freePort()
  const servers: Server[] = []
  /** What each was asked: the address, the name that it was called by, the key that came with it. */
  const asked: unknown[] = []
  const connections = { [HERE]: 0, [THERE]: 0 }
  const note = ({ socket, headers }: IncomingMessage | Http2ServerRequest) =>
    asked.push([socket.localAddress, headers[':authority'] ?? headers.host, headers['x-key']])
  const refuse = (request: IncomingMessage, response: ServerResponse) => {
    note(request)
    response.writeHead(503).end()
  }
  const refuseCall = (request: Http2ServerRequest, { stream }: Http2ServerResponse) => {
    note(request)
    stream.respond({ 'content-type': 'application/grpc', 'grpc-status': '14' }, { endStream: true })
  }
  for (const address of [HERE, THERE]) {
    const server = kind === 'cosyvoice-grpc' ? createHttp2Server(refuseCall) : createServer(refuse)
    server.on('connection', () => connections[address]++)
    servers.push(server)
    await listenOn(server, port, address)
  }
  return {
    port,
    asked,
    connections,
    [Symbol.dispose]() {
      for (const server of servers) server.close()
    },
  }
}

/** A fleet with one host of this kind, whose name has both addresses until it is told of others. */
async function fleetOf(
  kind: Kind,
  { port, host = {}, ...options }: { readonly port: number; readonly host?: object } & Partial<FleetOptions>,
) {
  const clock = new FakeClock()
  const router = new Router()
  const config = parseConfig({
    hosts: [{ id: 'gpu', kind, url: `http://voices.test:${port}`, ...KINDS[kind], ...host }],
    breaker: { failures: 1 },
  })
  let addresses: readonly string[] = [HERE, THERE]
  const fleet = new Fleet(config, {
    router,
    metrics: { batch: () => {} },
    lookup: async () => addresses,
    setTimer: clock.setTimer,
    ...options,
  })
  await settle()
  return {
    clock,
    routes: router.routes,
    async moveTo(next: readonly string[]) {
      addresses = next
      await clock.advance(30_000)
    },
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  }
}

const call = (route: Router['routes'][number]) =>
  route.synthesize(clauseOf('Hello.'), { signal: new AbortController().signal })

test.each(Object.keys(KINDS) as Kind[])(
  'a %s host is asked at each of its addresses, by its name and with its headers',
  async (kind) => {
    using servers = await refusing(kind)
    const { port } = servers
    await using fleet = await fleetOf(kind, { port, host: { headers: { 'x-key': 'k' } } })
    expect(fleet.routes.length).toBe(2)
    for (const route of fleet.routes) await expect(call(route)).rejects.toMatchObject({ source: 'host' })
    const name = `voices.test:${port}`
    expect(servers.asked).toEqual([
      [HERE, name, 'k'],
      [THERE, name, 'k'],
    ])
  },
)

test.each(['cosyvoice-http', 'openai', 'batch'] as const)(
  'a %s host is asked by a client that sends the name, where the platform’s own does not',
  async (kind) => {
    const [client, clients] = [{}, [] as unknown[]]
    using _deno = replaced('Deno', { createHttpClient: () => client })
    using _fetch = replaced('fetch', async (_: unknown, init: object) => {
      clients.push('client' in init && init.client)
      return new Response(null, { status: 503 })
    })
    await using fleet = await fleetOf(kind, { port: 1 })
    for (const route of fleet.routes) await expect(call(route)).rejects.toMatchObject({ source: 'host' })
    expect(clients).toEqual([client, client])
  },
)

/** Has something else stand for a global. */
function replaced(name: string, value: unknown) {
  const before = Object.getOwnPropertyDescriptor(globalThis, name)
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  return {
    [Symbol.dispose]() {
      if (before) Object.defineProperty(globalThis, name, before)
      else Reflect.deleteProperty(globalThis, name)
    },
  }
}

test('each address is left alone by itself, as the config says', async () => {
  await using fleet = await fleetOf('openai', { port: await freePort() })
  const [here, there] = fleet.routes
  await expect(call(here!)).rejects.toMatchObject({ code: 'unavailable', source: 'host' })
  expect([here!.breaker.state, there!.breaker.state]).toEqual(['open', 'closed'])
})

test('an address that is gone is tried for connections no more', async () => {
  using servers = await refusing('openai')
  const { connections } = servers
  await using fleet = await fleetOf('openai', { port: servers.port, watch: true })
  /** Has each address that is tried be tried once more. */
  const again = async () => {
    const before = connections[THERE]
    while (connections[THERE] === before) await fleet.clock.advance(5_000)
  }
  await again()
  expect(connections[HERE]).toBeGreaterThan(0)
  await fleet.moveTo([THERE])
  await again()
  const last = connections[HERE]
  for (let i = 0; i < 5; i++) await again()
  expect(connections[HERE]).toBe(last)
})
