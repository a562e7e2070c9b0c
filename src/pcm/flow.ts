import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Bytes, Encoder, Samples } from '../speech.ts'
import { joinBytes } from './join-bytes.ts'

/** The first flush waits for this much audio: three 10 ms frames (SPEC 8). */
const FIRST_MS = 30
/** Audio flushed in chunks of this length once half a second is out: what lets one process hold thousands of streams. */
const CHUNK_MS = 100
const CHUNKS_AFTER_MS = 500
/** No sample is held longer than this for want of the next. */
const HOLD_MS = 20

export interface FlowOptions {
  readonly encoder: Encoder
  /** @default setTimeout */
  readonly setTimer?: SetTimer
}

/**
 * Takes samples as they come and gives encoded bytes in pieces worth sending: at once when 30 ms are
 * there, later in 100 ms chunks, and never holding audio for over 20 ms while more is awaited.
 */
export class Flow implements Disposable {
  readonly #source: AsyncIterator<Samples, void>
  readonly #encoder: Encoder
  readonly #setTimer: SetTimer
  #pending: Promise<IteratorResult<Samples, void>> | undefined
  #held: Samples[] = []
  #size = 0
  #sent = 0
  #ended = false

  constructor(source: AsyncIterator<Samples, void>, { encoder, setTimer = setRealTimer }: FlowOptions) {
    this.#source = source
    this.#encoder = encoder
    this.#setTimer = setTimer
  }

  /** Seconds of audio that have been given to be sent. */
  get seconds(): number {
    return this.#sent / this.#encoder.rate
  }

  /** Gives the next bytes to send; `undefined` at the end. Rejects as the source does. */
  async next(): Promise<Bytes | undefined> {
    while (!this.#ended) {
      await this.#gather()
      const bytes = this.#encode()
      if (bytes.length > 0) return bytes
    }
    return undefined
  }

  /** Stops the source and lets the encoder go; safe to call again. */
  [Symbol.dispose](): void {
    this.#ended = true
    this.#source.return?.().catch(() => {})
    this.#encoder[Symbol.dispose]()
  }

  /** Fills up to the next chunk, or to what there is when time is up. */
  async #gather(): Promise<void> {
    const sentMs = (this.#sent / this.#encoder.rate) * 1000
    const target = ((sentMs < CHUNKS_AFTER_MS ? FIRST_MS : CHUNK_MS) * this.#encoder.rate) / 1000
    let late: Promise<undefined> | undefined
    let stop = () => {}
    try {
      while (this.#size < target) {
        this.#pending ??= this.#source.next()
        this.#pending.catch(() => {}) // may fail while nobody waits for it: the next call reports it
        if (this.#size > 0 && !late) {
          late = new Promise((resolve) => {
            stop = this.#setTimer(HOLD_MS, () => resolve(undefined))
          })
        }
        const result = await (late ? Promise.race([this.#pending, late]) : this.#pending)
        if (!result) return
        this.#pending = undefined
        if (result.done) {
          this.#ended = true
          return
        }
        this.#held.push(result.value)
        this.#size += result.value.length
      }
    } finally {
      stop()
    }
  }

  #encode(): Bytes {
    const held = this.#held
    this.#sent += this.#size
    this.#held = []
    this.#size = 0
    const parts = held.map((samples) => this.#encoder.push(samples))
    if (this.#ended && this.#sent > 0) parts.push(this.#encoder.end())
    return joinBytes(parts)
  }
}
