/** Answers one request. */
export type Handler = (request: Request) => Response | Promise<Response>

export interface ListenOptions {
  readonly port: number
  /** The address to bind. */
  readonly hostname: string
}

export interface StopOptions {
  /** How long running replies may go on, in milliseconds. @default 0 */
  readonly drainMs?: number
  /** Told when that time is up, to have the replies that still run fail: what they say of it is still sent. */
  readonly onLate?: (() => void) | undefined
}

export interface Listener {
  readonly port: number
  readonly url: string
  /** Takes no new connections and waits for running replies, then cuts them. */
  stop(options?: StopOptions): Promise<void>
}

/** How long failing replies have to say so. */
const GRACE_MS = 200

/** Waits for `gentle` as long as may be, then does `hard`. */
export async function within(
  gentle: Promise<void>,
  { drainMs = 0, onLate }: StopOptions,
  hard: () => Promise<void>,
): Promise<void> {
  if (await isDone(gentle, drainMs)) return
  onLate?.()
  if (onLate && (await isDone(gentle, GRACE_MS))) return
  await hard()
}

async function isDone(work: Promise<void>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), ms)
  return Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer))
}

/** Gives the address to go to; one that binds every address is reached as `localhost`. */
export function urlOf(hostname: string, port: number): string {
  const name = hostname === '0.0.0.0' || hostname === '::' ? 'localhost' : hostname
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
