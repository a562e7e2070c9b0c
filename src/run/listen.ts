import type { Handler, Listener, ListenOptions } from './listener.ts'

/** Serves HTTP on Bun or Deno, whichever runs; rejects with the system's error when the port is taken. */
export async function listen(handler: Handler, options: ListenOptions): Promise<Listener> {
  if (!('Bun' in globalThis)) return (await import('./listen-node.ts')).listenOnNode(handler, options)
  return (await import('./listen-bun.ts')).listenOnBun(handler, options)
}
