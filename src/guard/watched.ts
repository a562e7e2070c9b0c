import type { Pcm, Samples } from '../speech.ts'

/** Told how a clause's audio ends: one of `ended`, `failed` and `left`, once. */
export interface Watcher {
  readonly took?: (samples: Samples) => void
  /** All is said. */
  readonly ended?: () => void
  /** A read failed. */
  readonly failed?: (thrown: unknown) => void
  /** The reader cancelled it, and the host is free. */
  readonly left?: (reason: unknown) => void
}

/** The same audio, with `watcher` told what becomes of it. */
export function watched(pcm: Pcm, watcher: Watcher): Pcm {
  let over = false // once cancelled, a read that still waits may end either way
  const finish = (tell: () => void) => {
    if (!over) tell()
    over = true
  }
  return {
    rate: pcm.rate,
    speed: pcm.speed,
    async read() {
      try {
        const samples = await pcm.read()
        if (samples) watcher.took?.(samples)
        else finish(() => watcher.ended?.())
        return samples
      } catch (thrown) {
        finish(() => watcher.failed?.(thrown))
        throw thrown
      }
    },
    async cancel(reason) {
      const isOver = over
      over = true
      try {
        await pcm.cancel(reason)
      } finally {
        if (!isOver) watcher.left?.(reason)
      }
    },
  }
}
