import type { SetTimer } from '../run/set-timer.ts'
import type { Signal } from '../speech.ts'

export interface SleepOptions {
  readonly signal: Signal
  readonly setTimer: SetTimer
}

/** Waits for `ms` milliseconds; rejects as soon as `signal` aborts. */
export async function sleep(ms: number, { signal, setTimer }: SleepOptions): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve } = Promise.withResolvers<void>()
  const wake = () => resolve()
  const clear = setTimer(ms, wake)
  signal.addEventListener('abort', wake, { once: true })
  await promise
  clear()
  signal.removeEventListener('abort', wake)
  signal.throwIfAborted()
}
