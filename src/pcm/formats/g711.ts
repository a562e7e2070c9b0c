import type { Bytes, Encoder } from '../../speech.ts'

/** Gives µ-law bytes, one a sample, no header; exactly as in ITU-T G.711 (reference: G.191 `ulaw_compress`). */
export const mulaw = ({ rate }: { readonly rate: number }): Encoder => byTable(rate, mulawTable())

/** Gives A-law bytes, one a sample, no header; exactly as in ITU-T G.711 (reference: G.191 `alaw_compress`). */
export const alaw = ({ rate }: { readonly rate: number }): Encoder => byTable(rate, alawTable())

function byTable(rate: number, table: Bytes): Encoder {
  return {
    rate,
    bytesPerSecond: rate,
    push(samples) {
      const bytes = new Uint8Array(samples.length)
      for (let i = 0; i < bytes.length; i++) bytes[i] = table[samples[i]! & 0xffff]!
      return bytes
    },
    end: () => new Uint8Array(0),
    [Symbol.dispose]: () => {},
  }
}

const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined
  return () => (made ??= make())
}

const mulawTable = once(() => tableOf(toMulaw))
const alawTable = once(() => tableOf(toAlaw))

/** A byte for each sample, found by the sample's 16 bits. */
const tableOf = (convert: (sample: number) => number): Bytes =>
  Uint8Array.from({ length: 65_536 }, (_, bits) => convert((bits << 16) >> 16))

function toMulaw(sample: number): number {
  const size = Math.min(((sample < 0 ? ~sample : sample) >> 2) + 33, 0x1fff)
  const segment = 32 - Math.clz32(size >> 6) + 1
  const bits = ((8 - segment) << 4) | (15 - ((size >> segment) & 15))
  return sample < 0 ? bits : bits | 0x80
}

function toAlaw(sample: number): number {
  const size = (sample < 0 ? ~sample : sample) >> 4
  const segment = Math.max(1, 32 - Math.clz32(size >> 4))
  const bits = size < 16 ? size : ((size >> (segment - 1)) & 15) | (segment << 4)
  return (sample < 0 ? bits : bits | 0x80) ^ 0x55
}
