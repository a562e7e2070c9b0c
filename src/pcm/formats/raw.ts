import type { Encoder } from '../../speech.ts'

/** Gives samples as they are: signed 16-bit little-endian, no header. */
export const raw = ({ rate }: { readonly rate: number }): Encoder => ({
  rate,
  bytesPerSecond: 2 * rate,
  push(samples) {
    // As they are: every machine that Bun and Deno run on is little-endian.
    const isWhole = samples.byteLength === samples.buffer.byteLength
    return new Uint8Array((isWhole ? samples : samples.slice()).buffer)
  },
  end: () => new Uint8Array(0),
  [Symbol.dispose]: () => {},
})
