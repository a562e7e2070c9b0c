import { clearTimeout, setTimeout } from 'node:timers'
import { clock } from './clock.ts'

/** How often is looked: often enough for a stall of 200 ms to be seen, seldom enough to cost nothing. */
const EVERY_MS = 100

export interface LoopLagOptions {
  /** Milliseconds since some moment. @default performance.now */
  readonly now?: (() => number) | undefined
  /** Rings once; gives what calls it off. @default setTimeout, not keeping the process alive */
  readonly setTimer?: ((ms: number, ring: () => void) => () => void) | undefined
}

/** Tells `observe` ten times a second by how many seconds a timer was late, until disposed of. */
export function loopLag(
  observe: (seconds: number) => void,
  { now = clock, setTimer = setIdleTimer }: LoopLagOptions = {},
): Disposable {
  let stop: (() => void) | undefined
  const look = () => {
    const due = now() + EVERY_MS
    stop = setTimer(EVERY_MS, () => {
      observe(Math.max(0, now() - due) / 1000)
      look()
    })
  }
  look()
  return { [Symbol.dispose]: () => stop?.() }
}

function setIdleTimer(ms: number, ring: () => void): () => void {
  const timer = setTimeout(ring, ms).unref()
  return () => clearTimeout(timer)
}
