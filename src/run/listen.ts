import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers one request. */
export type Handler = (request: Request) => Response | Promise<Response>

export interface ListenOptions {
  readonly port: number
  /** The address to bind. */
  readonly hostname: string
}

export interface Listener {
  readonly port: number
  readonly url: string
  /** Takes no new connections and waits up to `drainMs` for running replies, then cuts them. */
  stop(options?: { readonly drainMs?: number }): Promise<void>
}

/**
 * Bun closes a connection that is silent for this long, in seconds: 255 is its most, far over the time a host
 * may take to start speaking. Deno closes none.
 */
const IDLE_SECONDS = 255

/** Serves HTTP on Bun or Deno, whichever runs; rejects with the system's error when the port is taken. */
export async function listen(handler: Handler, options: ListenOptions): Promise<Listener> {
  return 'Deno' in globalThis ? listenOnDeno(handler, options) : listenOnBun(handler, options)
}

async function listenOnBun(fetch: Handler, { port, hostname }: ListenOptions): Promise<Listener> {
  const { Bun } = globalThis as unknown as { readonly Bun: BunServe }
  const server = Bun.serve({
    port,
    hostname,
    fetch,
    idleTimeout: IDLE_SECONDS,
    development: false,
    reusePort: false,
  })
  return {
    port: server.port,
    url: urlOf(hostname, server.port),
    stop: ({ drainMs = 0 } = {}) => within(server.stop(), drainMs, () => server.stop(true)),
  }
}

/** What is used of Bun, whose types Deno does not know. */
interface BunServe {
  serve(options: {
    readonly port: number
    readonly hostname: string
    readonly fetch: Handler
    readonly idleTimeout: number
    readonly development: boolean
    readonly reusePort: boolean
  }): { readonly port: number; stop(cut?: boolean): Promise<void> }
}

/**
 * Deno is served through `node:http`: `Deno.serve` does not notice that a caller has left before the reply's headers
 * are sent when the request had a body (Deno 2.9.6), and then a host would work for nobody.
 */
async function listenOnDeno(handler: Handler, { port, hostname }: ListenOptions): Promise<Listener> {
  const { createAdaptorServer } = await import('@hono/node-server')
  const server = createAdaptorServer({ fetch: handler, overrideGlobalObjects: false }) as Server
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>()
  // It stays on: an error with nobody to hear it, such as too many open files, would end the process.
  server.on('error', reject).listen(port, hostname, resolve)
  await listening
  const actual = (server.address() as AddressInfo).port
  return {
    port: actual,
    url: urlOf(hostname, actual),
    stop: ({ drainMs = 0 } = {}) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      return within(closed, drainMs, async () => {
        server.closeAllConnections()
        await closed
      })
    },
  }
}

/** Waits for `gentle` for at most `ms`, then does `hard`. */
async function within(gentle: Promise<void>, ms: number, hard: () => Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => resolve('late'), ms)
  const won = await Promise.race([gentle, late]).finally(() => clearTimeout(timer))
  if (won === 'late') await hard()
}

function urlOf(hostname: string, port: number): string {
  const name = hostname === '0.0.0.0' || hostname === '::' ? 'localhost' : hostname
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
