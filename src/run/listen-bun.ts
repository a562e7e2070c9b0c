import { type Handler, type Listener, type ListenOptions, urlOf, within } from './listener.ts'

/**
 * Bun closes a connection that is silent for this long, in seconds: 255 is its most, far over the time a host
 * may take to start speaking.
 */
const IDLE_SECONDS = 255

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

/** Serves HTTP on Bun. */
export async function listenOnBun(fetch: Handler, { port, hostname }: ListenOptions): Promise<Listener> {
  const { Bun } = globalThis as unknown as { readonly Bun: BunServe }
  const idleTimeout = IDLE_SECONDS
  // Of a GET's reply Bun sends the head alone where HEAD is asked, with its length; of an empty one it would say 0.
  const reply: Handler = (request) =>
    fetch(request.method === 'HEAD' ? new Request(named(request), { method: 'GET' }) : named(request))
  // Left to itself Bun would share the port with whoever has it already.
  const server = Bun.serve({
    port,
    hostname,
    fetch: reply,
    idleTimeout,
    development: false,
    reusePort: false,
  })
  return {
    port: server.port,
    url: urlOf(hostname, server.port),
    stop: (options = {}) => within(server.stop(), options, () => server.stop(true)),
  }
}

/** Gives a request a whole URL, which it lacks where its caller, by HTTP/1.0, has not said whom it calls. */
const named = (request: Request): Request =>
  request.url.startsWith('/') ? new Request(`http://localhost${request.url}`, request) : request
