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

/** Waits for `gentle` for at most `ms`, then does `hard`. */
export async function within(gentle: Promise<void>, ms: number, hard: () => Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => resolve('late'), ms)
  const won = await Promise.race([gentle, late]).finally(() => clearTimeout(timer))
  if (won === 'late') await hard()
}

/** Gives the address to go to; one that binds every address is reached as `localhost`. */
export function urlOf(hostname: string, port: number): string {
  const name = hostname === '0.0.0.0' || hostname === '::' ? 'localhost' : hostname
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
