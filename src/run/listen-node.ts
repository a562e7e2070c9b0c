import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createAdaptorServer, type Http2Bindings, type HttpBindings } from '@hono/node-server'
import { type Handler, type Listener, type ListenOptions, urlOf, within } from './listener.ts'
import { turn } from './turn.ts'

/** How often a stopping server looks for connections that are no longer in use. */
const IDLE_LOOK_MS = 20
/** How long the last bytes before a break may take, for a listener who has no room for them. */
const FLUSH_MS = 1_000

/**
 * Serves HTTP through `node:http`, as Deno needs it: `Deno.serve` does not notice that a caller has left before the
 * reply's headers are sent when the request had a body (Deno 2.9.6), and then a host would work for nobody.
 */
export async function listenOnNode(fetch: Handler, { port, hostname }: ListenOptions): Promise<Listener> {
  const reply = async (request: Request, { outgoing }: HttpBindings | Http2Bindings) =>
    resetWhenCut(await fetch(request), outgoing as ServerResponse) // it speaks HTTP/1 only
  // The name stands for what a caller by HTTP/1.0 need not say.
  const options = { fetch: reply, hostname: 'localhost', overrideGlobalObjects: false }
  const server = createAdaptorServer(options) as Server
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>()
  // It stays on: an error with nobody to hear it, such as too many open files, would end the process.
  server.on('error', reject).listen(port, hostname, resolve)
  await listening
  const actual = (server.address() as AddressInfo).port
  return {
    port: actual,
    url: urlOf(hostname, actual),
    stop: (options = {}) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS) // those whose reply has ended
      return within(closed, options, async () => {
        for (const socket of sockets) socket.resetAndDestroy() // one that is only closed looks whole to HTTP/1.0
        await closed
      }).finally(() => clearInterval(idle))
    },
  }
}

/**
 * The same reply, but that its connection is reset where it breaks off: to a caller by HTTP/1.0, as many a proxy is, a
 * connection that is only closed is a whole reply. The server itself would send the failure's text and print its stack.
 */
function resetWhenCut(response: Response, outgoing: ServerResponse): Response {
  if (!response.body) return response
  const reader = response.body.getReader()
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
        } catch {
          await sent(outgoing)
          outgoing.socket?.resetAndDestroy()
        }
        controller.close()
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return new Response(body, response)
}

/** Resolves once what came before the break is with the system, the head first, or will never be. */
async function sent(outgoing: ServerResponse): Promise<void> {
  while (!outgoing.headersSent && !outgoing.destroyed) await turn() // the head waits for what comes within a turn
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, FLUSH_MS)
    outgoing.socket?.write('', () => {
      clearTimeout(late)
      resolve()
    })
  })
}
