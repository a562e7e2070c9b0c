import type { SetTimer } from '../../run/set-timer.ts'
import { Leaving } from './leaving.ts'

export interface CallsOptions {
  /** Aborts when the host is disposed of. */
  readonly closed: AbortSignal
  readonly onAbandon: 'drain' | 'abort'
  readonly timeouts: { readonly drainMs: number }
  readonly setTimer: SetTimer
}

/** Makes one call of a host; rejects with why its caller left, when it has, whatever else went wrong. */
export async function oneCall<T>(
  call: (leaving: Leaving) => Promise<T>,
  { signal, ...options }: CallsOptions & { readonly signal: AbortSignal },
): Promise<T> {
  signal.throwIfAborted()
  const { closed, onAbandon, setTimer, timeouts } = options
  const leaving = new Leaving({ signal, closed, onAbandon, setTimer, drainMs: timeouts.drainMs })
  try {
    return await call(leaving)
  } catch (thrown) {
    leaving[Symbol.dispose]()
    leaving.throwIfLeft()
    throw thrown
  }
}
