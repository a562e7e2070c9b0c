import type { Samples } from '../speech.ts'

/** Audio on its way to one who takes it: what is there is taken without waiting, and only what is not is waited for. */
export interface Supply {
  /** Gives the next samples at hand; `undefined` while none are. Throws when they could not be said. */
  take(): Samples | undefined
  /** Whether all has been taken and no more will come. */
  readonly isOver: boolean
  /** Resolves when there may be more to take, or it is over. One call at a time. */
  wait(): Promise<void>
}
