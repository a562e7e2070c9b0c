import type { Listener, StopOptions } from '../run/listener.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import { type Output, print } from './shell.ts'

export interface DrainOptions extends Pick<StopOptions, 'onLate'> {
  /** How long running replies may go on. */
  readonly seconds: number
  readonly stderr: Output
  /** @default setTimeout */
  readonly setTimer?: SetTimer
}

/** A server with nothing to do stops sooner, and there is nothing to be told. */
const AT_ONCE_MS = 300

/** Stops the server; when replies keep it from that, tells the user how long they may and how to end it now. */
export async function drain(
  server: Pick<Listener, 'stop'>,
  { seconds, stderr, onLate, setTimer = setRealTimer }: DrainOptions,
): Promise<void> {
  const line = `Waiting up to ${seconds} s for running replies to end; Ctrl-C again to stop now`
  const clear = setTimer(AT_ONCE_MS, () => void print(stderr, line).catch(() => {}))
  await server.stop({ drainMs: seconds * 1000, onLate }).finally(clear)
}
