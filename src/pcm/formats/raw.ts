import type { Bytes, Encoder, Samples } from '../../speech.ts'

/** Gives samples as they are: signed 16-bit little-endian, no header. */
export const raw = ({ rate }: { readonly rate: number }): Encoder => new Raw(rate)

/** See {@link raw}. */
export class Raw implements Encoder {
  readonly rate: number
  readonly bytesPerSecond: number

  constructor(rate: number) {
    this.rate = rate
    this.bytesPerSecond = 2 * rate
  }

  push(samples: Samples): Bytes {
    // As they are: every machine that Bun and Deno run on is little-endian.
    return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
  }

  end(): Bytes {
    return new Uint8Array(0)
  }

  [Symbol.dispose](): void {}
}
