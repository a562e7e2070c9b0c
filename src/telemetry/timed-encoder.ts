import type { Bytes, Encoder, Samples } from '../speech.ts'
import { clock } from './clock.ts'

export interface EncoderMeter {
  /** Told after each step how long it took, in milliseconds. */
  encoded(ms: number): void
}

export interface TimedEncoderOptions {
  readonly meter: EncoderMeter
  /** @default performance.now */
  readonly now?: () => number
}

/** The same encoder, telling the time that it takes. */
export const timedEncoder = (encoder: Encoder, options: TimedEncoderOptions): Encoder =>
  new TimedEncoder(encoder, options)

class TimedEncoder implements Encoder {
  readonly rate: number
  readonly bytesPerSecond: number
  readonly #encoder: Encoder
  readonly #meter: EncoderMeter
  readonly #now: () => number

  constructor(encoder: Encoder, { meter, now = clock }: TimedEncoderOptions) {
    this.rate = encoder.rate
    this.bytesPerSecond = encoder.bytesPerSecond
    this.#encoder = encoder
    this.#meter = meter
    this.#now = now
  }

  push(samples: Samples): Bytes {
    const began = this.#now()
    try {
      return this.#encoder.push(samples)
    } finally {
      this.#meter.encoded(this.#now() - began)
    }
  }

  end(): Bytes {
    const began = this.#now()
    try {
      return this.#encoder.end()
    } finally {
      this.#meter.encoded(this.#now() - began)
    }
  }

  [Symbol.dispose](): void {
    this.#encoder[Symbol.dispose]()
  }
}
