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
  const server = Bun.serve({ port, hostname, fetch, idleTimeout: IDLE_SECONDS, development: false })
  return {
    port: server.port ?? port,
    url: urlOf(hostname, server.port ?? port),
    stop: ({ drainMs = 0 } = {}) => within(server.stop(), drainMs, () => server.stop(true)),
  }
}

async function listenOnDeno(handler: Handler, { port, hostname }: ListenOptions): Promise<Listener> {
  const { Deno } = globalThis as unknown as { Deno: DenoServe }
  const cut = new AbortController()
  const server = Deno.serve({ port, hostname, signal: cut.signal, onListen: () => {} }, (request) =>
    handler(request),
  )
  return {
    port: server.addr.port,
    url: urlOf(hostname, server.addr.port),
    stop: ({ drainMs = 0 } = {}) =>
      within(server.shutdown(), drainMs, async () => {
        cut.abort()
        await server.finished
      }),
  }
}

/** What is used of Deno: its types and Bun's cannot be loaded together. */
interface DenoServe {
  serve(
    options: { port: number; hostname: string; signal: AbortSignal; onListen: () => void },
    handler: Handler,
  ): { readonly addr: { readonly port: number }; readonly finished: Promise<void>; shutdown(): Promise<void> }
}

/** Waits for `gentle` for at most `ms`, then does `hard`. */
async function within(gentle: Promise<void>, ms: number, hard: () => Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => resolve('late'), ms)
  const won = await Promise.race([gentle, late])
  clearTimeout(timer)
  if (won === 'late') await hard()
}

function urlOf(hostname: string, port: number): string {
  const name = hostname === '0.0.0.0' || hostname === '::' ? 'localhost' : hostname
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
