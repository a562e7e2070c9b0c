import { connect } from 'node:net'
import type { SetTimer } from '../../run/set-timer.ts'

export interface ConnectionWatchOptions {
  /** How long an answer may take before its lack means that there is no host, in milliseconds. */
  readonly ms: number
  readonly setTimer: SetTimer
  /** Told why, at least once, when there is no such host. */
  readonly onAbsent: (reason: Error) => void
  /** Resolves when the address takes a connection, rejects when it will not. @default over TCP */
  readonly reach?: (url: URL, options: { readonly signal: AbortSignal }) => Promise<void>
}

/**
 * Tells a host that is slow to answer from one that is not there, which `fetch` cannot: calls `onAbsent` when no answer
 * has come in half of `ms` and no connection can be made in the other half. Dispose of it once there is an answer.
 */
export class ConnectionWatch implements Disposable {
  /** Of what waits for a connection, once it does. */
  #answered: AbortController | undefined
  #clear: () => void

  constructor(url: URL, { ms, setTimer, onAbsent, reach = reachByTcp }: ConnectionWatchOptions) {
    this.#clear = setTimer(ms / 2, () => {
      this.#answered = new AbortController()
      const { signal } = this.#answered
      const fail = (cause?: unknown) => {
        if (!signal.aborted) onAbsent(new Error(`No connection within ${ms} ms`, { cause }))
      }
      this.#clear = setTimer(ms / 2, fail)
      reach(url, { signal }).then(() => this.#clear(), fail)
    })
  }

  [Symbol.dispose](): void {
    this.#clear()
    this.#clear = () => {}
    this.#answered?.abort()
  }
}

/** Resolves when a TCP connection to the address is made, and closes it; rejects when it is refused. */
export function reachByTcp(url: URL, { signal }: { readonly signal: AbortSignal }): Promise<void> {
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
