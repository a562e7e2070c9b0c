import type { Encoder } from '../../speech.ts'

/** Gives samples as they are: signed 16-bit little-endian, no header. */
export const raw = ({ rate }: { readonly rate: number }): Encoder => ({
  rate,
  bytesPerSecond: 2 * rate,
  // Copied, since bytes are detached on their way out; every machine that Bun and Deno run on is little-endian.
  push: ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength).slice(),
  end: () => new Uint8Array(0),
  [Symbol.dispose]: () => {},
})
