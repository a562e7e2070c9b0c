import type { Bytes, Encoder, Samples } from '../speech.ts'

export interface TimedEncoderOptions {
  /** Told after each step how long it took, in milliseconds. */
  readonly tell: (ms: number) => void
  /** @default performance.now */
  readonly now?: () => number
}

/** The same encoder, telling the time that it takes. */
export function timedEncoder(
  encoder: Encoder,
  { tell, now = () => performance.now() }: TimedEncoderOptions,
): Encoder {
  const timed = (step: () => Bytes): Bytes => {
    const began = now()
    try {
      return step()
    } finally {
      tell(now() - began)
    }
  }
  return {
    rate: encoder.rate,
    bytesPerSecond: encoder.bytesPerSecond,
    push: (samples: Samples) => timed(() => encoder.push(samples)),
    end: () => timed(() => encoder.end()),
    [Symbol.dispose]: () => encoder[Symbol.dispose](),
  }
}
