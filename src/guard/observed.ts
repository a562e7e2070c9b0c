import { SpeechError } from '../errors.ts'
import type { CallEvent, Guard } from '../speech.ts'
import { watched } from './watched.ts'

export interface ObservedOptions {
  /** @default performance.now */
  readonly now?: () => number
}

/**
 * Tells the claim how a call to `host` goes: `first-audio`, then one of `said`, `failed` and `left`, once the host is
 * free. What a guard above it stops for the host's own fault, such as being late, has failed; all else that is stopped
 * was left.
 */
export const observed =
  (host: string, { now = () => performance.now() }: ObservedOptions = {}): Guard =>
  (next) =>
  async (clause, options) => {
    const { signal, claim } = options
    if (!claim) return next(clause, options)
    const started = now()
    let audioSeconds = 0
    const ms = () => now() - started
    const stopped = (reason: unknown): CallEvent => {
      const error = SpeechError.from(reason)
      return error.source === 'host'
        ? { type: 'failed', host, ms: ms(), error }
        : { type: 'left', host, ms: ms() }
    }
    const failed = (thrown: unknown) =>
      claim.tell(
        signal.aborted
          ? stopped(signal.reason)
          : { type: 'failed', host, ms: ms(), error: SpeechError.from(thrown) },
      )
    const pcm = await next(clause, options).catch((thrown) => {
      failed(thrown)
      throw thrown
    })
    claim.tell({ type: 'first-audio', host, ms: ms() })
    return watched(pcm, {
      took: (samples) => {
        audioSeconds += samples.length / pcm.rate
      },
      ended: () => claim.tell({ type: 'said', host, ms: ms(), audioSeconds }),
      failed,
      left: (reason) => claim.tell(reason === undefined ? { type: 'left', host, ms: ms() } : stopped(reason)),
    })
  }
