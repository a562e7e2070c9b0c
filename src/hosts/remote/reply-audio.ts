import type { SetTimer } from '../../run/set-timer.ts'
import type { Pcm, Samples } from '../../speech.ts'
import type { Decoder } from '../openai/decoder.ts'
import { empty, type Whom } from './failure.ts'
import type { Leaving } from './leaving.ts'
import type { ReplyBody } from './reply-body.ts'

/** A host that has said that it is done has so long to end its reply; its connection is then kept for the next call. */
const GRACE_MS = 1_000

/** Of a second; what a listener is sent at once. */
const PIECE = 0.1

export interface ReplyAudioOptions {
  readonly decoder: Decoder
  readonly whom: Whom
  readonly leaving: Leaving
  readonly setTimer: SetTimer
}

/** Reads the audio of one reply as it is asked for. */
export class ReplyAudio {
  readonly #body: ReplyBody
  readonly #options: ReplyAudioOptions
  #rest: Samples | undefined
  #isHeard = false
  #state: 'open' | 'ended' | 'done' | 'closed' = 'open'

  constructor(body: ReplyBody, options: ReplyAudioOptions) {
    this.#body = body
    this.#options = options
  }

  /**
   * Resolves at its first audio. `read()` rejects with why the caller left, when it has; `cancel()` settles when the
   * host is free.
   */
  async audio(): Promise<Omit<Pcm, 'speed'>> {
    let first = await this.#next()
    return {
      rate: this.#options.decoder.rate,
      read: async () => {
        const samples = first ?? (await this.#next())
        first = undefined
        return samples
      },
      cancel: (reason) => {
        this.#options.leaving.leave(reason)
        return this.#body.drain()
      },
    }
  }

  /** Gives the next samples, at least one; `undefined` at the end. */
  #next(): Promise<Samples | undefined> {
    return this.#body.orClose(() => this.#samples())
  }

  async #samples(): Promise<Samples | undefined> {
    const { decoder, whom } = this.#options
    while (!this.#rest && this.#state === 'open') {
      const bytes = await this.#body.read()
      const samples = bytes ? decoder.push(bytes) : decoder.end()
      if (samples.length > 0) this.#rest = samples
      this.#isHeard ||= samples.length > 0
      if (!bytes) this.#state = 'ended'
      else if (decoder.isDone) this.#state = 'done'
    }
    if (!this.#isHeard) throw empty(whom)
    if (this.#rest) return this.#piece(this.#rest)
    this.#close()
    return undefined
  }

  /**
   * Gives what has come in pieces with memory of their own: the first of much is on its way while the others are worked
   * on, and one that waits for a listener does not keep it all.
   */
  async #piece(samples: Samples): Promise<Samples> {
    await this.#body.stay()
    const size = Math.ceil(this.#options.decoder.rate * PIECE)
    this.#rest = samples.length > size ? samples.subarray(size) : undefined
    return samples.slice(0, size)
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
