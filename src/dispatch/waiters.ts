import type { SetTimer } from '../run/set-timer.ts'
import type { Signal } from '../speech.ts'

export interface UntilOptions {
  /** How long to wait at most, in milliseconds. */
  readonly ms: number
  readonly signal: Signal
  readonly setTimer: SetTimer
}

/** Those who wait for something to be so, which they look at whenever they are woken. */
export class Waiters {
  readonly #looks = new Set<() => void>()

  /** Has all look. */
  wake(): void {
    for (const look of [...this.#looks]) look()
  }

  /** Resolves once `isSo`, after `ms`, or when `signal` aborts; tells whether it is so. */
  async until(isSo: () => boolean, { ms, signal, setTimer }: UntilOptions): Promise<boolean> {
    if (isSo() || signal.aborted || ms <= 0) return isSo()
    const { promise, resolve } = Promise.withResolvers<void>()
    const leave = () => resolve()
    const look = () => void (isSo() && resolve())
    const clear = setTimer(ms, leave)
    this.#looks.add(look)
    signal.addEventListener('abort', leave, { once: true })
    await promise
    clear()
    this.#looks.delete(look)
    signal.removeEventListener('abort', leave)
    return isSo()
  }
}
