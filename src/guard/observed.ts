import { SpeechError } from '../errors.ts'
import type { CallEvent, Claim, Guard, Signal } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'
import { type WatchedPcm, type Watcher, watched } from './watched.ts'

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
  (host: string, { now = clock }: ObservedOptions = {}): Guard =>
  (next) =>
  async (clause, options) => {
    const { signal, claim } = options
    if (!claim) return next(clause, options)
    const call = new ObservedCall({ host, signal, claim, now })
    const pcm = await next(clause, options).catch((thrown) => {
      call.failed(thrown)
      throw thrown
    })
    call.began()
    return watched(pcm, call)
  }

interface Observed {
  readonly host: string
  readonly signal: Signal
  readonly claim: Claim
  readonly now: () => number
}

class ObservedCall implements Watcher {
  readonly #call: Observed
  readonly #startedAt: number

  constructor(call: Observed) {
    this.#call = call
    this.#startedAt = call.now()
  }

  began(): void {
    this.#tell({ type: 'first-audio', host: this.#call.host, ms: this.#ms })
  }

  ended({ seconds }: WatchedPcm): void {
    this.#tell({ type: 'said', host: this.#call.host, ms: this.#ms, audioSeconds: seconds })
  }

  failed(thrown: unknown): void {
    const { aborted, reason } = this.#call.signal
    if (aborted) this.#stopped(reason)
    else this.#tell({ type: 'failed', host: this.#call.host, ms: this.#ms, error: SpeechError.from(thrown) })
  }

  left(reason: unknown): void {
    if (reason === undefined) this.#tell({ type: 'left', host: this.#call.host, ms: this.#ms })
    else this.#stopped(reason)
  }

  #stopped(reason: unknown): void {
    const error = SpeechError.from(reason)
    const { host } = this.#call
    if (error.source === 'host') this.#tell({ type: 'failed', host, ms: this.#ms, error })
    else this.#tell({ type: 'left', host, ms: this.#ms })
  }

  get #ms(): number {
    return this.#call.now() - this.#startedAt
  }

  #tell(event: CallEvent): void {
    this.#call.claim.tell(event)
  }
}
