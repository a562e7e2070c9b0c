import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Bytes, Encoder, Samples, Supply, Waiter } from '../speech.ts'
import { Change } from './change.ts'
import { joinBytes } from './join-bytes.ts'

/** Flushes wait for this much audio at first, three 10 ms frames (SPEC 8), unless `HOLD_MS` is over before. */
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
 * there, later in 100 ms chunks, and never holding audio for over 20 ms while more is awaited. The bytes are lent until
 * more are asked for.
 */
export class Flow implements Supply<Bytes>, Waiter, Disposable {
  readonly #source: Supply<Samples> & Disposable
  readonly #encoder: Encoder
  readonly #setTimer: SetTimer
  /** What waits for more is copied to its start, `#size` long; what need not wait is passed on as it is lent. */
  #held: Samples = NONE
  #size = 0
  #sent = 0
  #ended = false
  readonly #change = new Change()
  /** Whether the source is waited for; that may outlast a wait here, which ends when time is up. */
  #isAsked = false
  /** Set while something is held and more is awaited. */
  #stopTimer: (() => void) | undefined
  #isLate = false

  constructor(source: Supply<Samples> & Disposable, { encoder, setTimer = setRealTimer }: FlowOptions) {
    this.#source = source
    this.#encoder = encoder
    this.#setTimer = setTimer
  }

  /** Seconds of audio that have been given to be sent. */
  get seconds(): number {
    return this.#sent / this.#encoder.rate
  }

  get isOver(): boolean {
    return this.#ended
  }

  /** Gives the next bytes to send, once there are enough or they have been held for long enough. */
  take(): Bytes | undefined {
    while (!this.#ended) {
      const samples = this.#gather()
      if (!samples) return undefined
      const bytes = this.#encode(samples)
      if (bytes.length > 0) return bytes
    }
    return undefined
  }

  /** Waits until there may be more, while something is held for as long as it may be. */
  wait(waiter: Waiter): void {
    this.#change.wait(waiter)
    if (this.#size > 0) {
      this.#stopTimer ??= this.#setTimer(HOLD_MS, () => {
        this.#isLate = true
        this.#change.wake()
      })
    }
    if (this.#isAsked) return
    this.#isAsked = true
    this.#source.wait(this)
  }

  /** The source may have more. */
  wake(): void {
    this.#isAsked = false
    this.#change.wake()
  }

  /** Stops the source and lets the encoder go; safe to call again. */
  [Symbol.dispose](): void {
    this.#ended = true
    this.#stopTimer?.()
    this.#source[Symbol.dispose]()
    this.#encoder[Symbol.dispose]()
  }

  /** Takes what is at hand, up to the next chunk, and gives what is worth sending. */
  #gather(): Samples | undefined {
    for (const most = this.#chunk; this.#size < most; ) {
      const samples = this.#source.take()
      if (!samples) break
      if (this.#size === 0 && samples.length >= most) return samples
      this.#hold(samples)
    }
    return this.#isDue ? this.#held.subarray(0, this.#size) : undefined
  }

  #hold(samples: Samples): void {
    const size = this.#size + samples.length
    if (size > this.#held.length) {
      const larger = new Int16Array(Math.max(size, this.#chunk))
      larger.set(this.#held.subarray(0, this.#size))
      this.#held = larger
    }
    this.#held.set(samples, this.#size)
    this.#size = size
  }

  /** Samples worth sending. */
  get #chunk(): number {
    const { rate } = this.#encoder
    const sentMs = (this.#sent / rate) * 1000
    return ((sentMs < CHUNKS_AFTER_MS ? FIRST_MS : CHUNK_MS) * rate) / 1000
  }

  get #isDue(): boolean {
    return this.#size >= this.#chunk || this.#isLate || this.#source.isOver
  }

  #encode(samples: Samples): Bytes {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#isLate = false
    this.#ended = this.#source.isOver
    this.#sent += samples.length
    this.#size = 0
    const bytes = samples.length > 0 ? this.#encoder.push(samples) : NO_BYTES
    return this.#ended && this.#sent > 0 ? joinBytes([bytes, this.#encoder.end()]) : bytes
  }
}

const NONE: Samples = new Int16Array(0)
const NO_BYTES: Bytes = new Uint8Array(0)
