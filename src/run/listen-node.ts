import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { type Handler, type Listener, type ListenOptions, urlOf, within } from './listener.ts'

/** How often a stopping server looks for connections that are no longer in use. */
const IDLE_LOOK_MS = 20

/**
 * Serves HTTP through `node:http`, as Deno needs it: `Deno.serve` does not notice that a caller has left before the
 * reply's headers are sent when the request had a body (Deno 2.9.6), and then a host would work for nobody.
 */
export async function listenOnNode(fetch: Handler, { port, hostname }: ListenOptions): Promise<Listener> {
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server
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
      const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS) // those whose reply has ended
      return within(closed, drainMs, async () => {
        server.closeAllConnections()
        await closed
      }).finally(() => clearInterval(idle))
    },
  }
}
