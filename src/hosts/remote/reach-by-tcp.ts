import { connect } from 'node:net'

/** Resolves when the address takes a connection, rejects when it will not, or is told to stop. */
export type Reach = (url: URL, options: { readonly signal: AbortSignal }) => Promise<void>

/** Resolves when a TCP connection to the address is made, and closes it; rejects when it is refused. */
export const reachByTcp: Reach = (url, { signal }) => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port })
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  socket.once('connect', () => resolve()).once('error', reject)
  return promise.finally(() => {
    signal.removeEventListener('abort', stop)
    socket.destroy()
  })
}
