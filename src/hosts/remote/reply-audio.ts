import { nextOf, wakeSoon } from '../../pcm/supply.ts'
import type { SetTimer } from '../../run/set-timer.ts'
import type { Bytes, Pcm, Samples, Stage, Waiter } from '../../speech.ts'
import { empty, type Whom } from './failure.ts'
import type { Leaving } from './leaving.ts'
import { ReplyBody } from './reply-body.ts'

/** A host that has said that it is done has so long to end its reply; its connection is then kept for the next call. */
const GRACE_MS = 1_000

/** Reads the bytes of one reply. */
export interface Decoder extends Stage<Bytes, Samples> {
  /** Samples a second; right once there are samples. */
  readonly rate: number
  /** Whether the host has said that all is said, though its connection is open. */
  readonly isDone?: boolean
}

export interface ReplyAudioOptions {
  /** Throws when the reply cannot be audio. */
  readonly decoder: () => Decoder
  /** See {@link Pcm.speed}. */
  readonly speed: number
  readonly whom: Whom
  readonly leaving: Leaving
  readonly setTimer: SetTimer
}

/**
 * Reads the audio of one reply as it is asked for. Resolves at its first; `take()` throws why the caller left, when it
 * has; `cancel()` settles when the host is free.
 */
export function replyAudio(
  stream: ReadableStream<Bytes> | null,
  { decoder, ...options }: ReplyAudioOptions,
): Promise<Pcm> {
  const body = new ReplyBody(stream, options)
  return body.orClose(() => new ReplyAudio(body, { ...options, decoder: decoder() }).begun())
}

const NONE: Samples = new Int16Array(0)

interface Reading extends Omit<ReplyAudioOptions, 'decoder'> {
  readonly decoder: Decoder
}

class ReplyAudio implements Pcm {
  readonly #body: ReplyBody
  readonly #options: Reading
  /** What `begun` has waited for. */
  #first: Samples | undefined
  #failure: { readonly reason: unknown } | undefined
  #isHeard = false
  #state: 'open' | 'ended' | 'done' | 'closed' = 'open'

  constructor(body: ReplyBody, options: Reading) {
    this.#body = body
    this.#options = options
  }

  get rate(): number {
    return this.#options.decoder.rate
  }

  get speed(): number {
    return this.#options.speed
  }

  get isOver(): boolean {
    return this.#state === 'closed' && this.#first === undefined
  }

  /** Resolves once the first audio is at hand. */
  async begun(): Promise<Pcm> {
    this.#first = await nextOf(this)
    return this
  }

  take(): Samples | undefined {
    if (this.#failure) throw this.#failure.reason
    const first = this.#first
    this.#first = undefined
    return first ?? this.#next()
  }

  wait(waiter: Waiter): void {
    if (this.#first || this.#failure) wakeSoon(waiter)
    else if (this.#state === 'open') this.#body.wait(waiter)
    else {
      this.#last()
        .catch(this.#failed)
        .then(() => waiter.wake())
    }
  }

  cancel(reason?: unknown): Promise<void> {
    this.#options.leaving.leave(reason)
    return this.#body.drain()
  }

  /** Reads what has come, as far as that is samples. */
  #next(): Samples | undefined {
    if (this.#state !== 'open') return undefined
    try {
      const bytes = this.#body.take()
      const samples = bytes || this.#body.isOver ? this.#hear(bytes) : NONE
      return samples.length > 0 ? samples : undefined
    } catch (thrown) {
      this.#failed(thrown)
      throw thrown
    }
  }

  #hear(bytes: Bytes | undefined): Samples {
    const { decoder } = this.#options
    const samples = bytes ? decoder.push(bytes) : decoder.end()
    this.#isHeard ||= samples.length > 0
    if (!bytes) this.#state = 'ended'
    else if (decoder.isDone) this.#state = 'done'
    return samples
  }

  async #last(): Promise<void> {
    await this.#body.stay()
    if (!this.#isHeard) throw empty(this.#options.whom)
    this.#close()
  }

  readonly #failed = (reason: unknown): void => {
    this.#body.close()
    this.#failure = { reason }
  }

  #close(): void {
    if (this.#state === 'ended') this.#body.close()
    if (this.#state === 'done') {
      const clear = this.#options.setTimer(GRACE_MS, () => this.#body.close())
      this.#body.drain().finally(clear)
    }
    this.#state = 'closed'
  }
}
