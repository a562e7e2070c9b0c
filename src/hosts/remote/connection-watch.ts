import type { SetTimer } from '../../run/set-timer.ts'
import { type Reach, reachByTcp } from './reach-by-tcp.ts'

export interface ConnectionWatchOptions {
  /** How long an answer may take before its lack means that there is no host, in milliseconds. */
  readonly ms: number
  readonly setTimer: SetTimer
  /** Told why, at least once, when there is no such host. */
  readonly onAbsent: (reason: Error) => void
  /** Resolves when the address takes a connection, rejects when it will not. @default over TCP */
  readonly reach?: Reach
}

/**
 * Tells a host that is slow to answer from one that is not there, which `fetch` cannot: calls `onAbsent` when no answer
 * has come in half of `ms` and no connection can be made in the other half. Dispose of it once there is an answer.
 */
export class ConnectionWatch implements Disposable {
  /** Of what waits for a connection, once it does. */
  #answered: AbortController | undefined
  #clear: (() => void) | undefined

  constructor(url: URL, { ms, setTimer, onAbsent, reach = reachByTcp }: ConnectionWatchOptions) {
    this.#clear = setTimer(ms / 2, () => {
      this.#answered = new AbortController()
      const { signal } = this.#answered
      const fail = (cause?: unknown) => {
        if (!signal.aborted) onAbsent(new Error(`No connection within ${ms} ms`, { cause }))
      }
      this.#clear = setTimer(ms / 2, fail)
      reach(url, { signal }).then(() => this.#clear?.(), fail)
    })
  }

  [Symbol.dispose](): void {
    this.#clear?.()
    this.#clear = undefined
    this.#answered?.abort()
  }
}
