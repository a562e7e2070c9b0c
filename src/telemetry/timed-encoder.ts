import type { Bytes, Encoder, Samples } from '../speech.ts'

export interface TimedEncoderOptions {
  /** Told after each step how long it took, in milliseconds. */
  readonly tell: (ms: number) => void
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
  readonly #tell: (ms: number) => void
  readonly #now: () => number

  constructor(encoder: Encoder, { tell, now = () => performance.now() }: TimedEncoderOptions) {
    this.rate = encoder.rate
    this.bytesPerSecond = encoder.bytesPerSecond
    this.#encoder = encoder
    this.#tell = tell
    this.#now = now
  }

  push(samples: Samples): Bytes {
    const began = this.#now()
    try {
      return this.#encoder.push(samples)
    } finally {
      this.#tell(this.#now() - began)
    }
  }

  end(): Bytes {
    const began = this.#now()
    try {
      return this.#encoder.end()
    } finally {
      this.#tell(this.#now() - began)
    }
  }

  [Symbol.dispose](): void {
    this.#encoder[Symbol.dispose]()
  }
}
