import { LEAST_RATE, MOST_RATE } from '../../pcm/resample.ts'
import type { Bytes, Samples } from '../../speech.ts'
import { badReply } from '../remote/bad-reply.ts'
import { kindOf, type Layout, mixed, type Read, readerOf } from './wav-samples.ts'

/** How samples lie in bytes. */
export interface WavFormat {
  /** Samples a second. */
  readonly rate: number
  /** Bytes of one moment, all channels. */
  readonly frame: number
  /** Reads whole frames as 16-bit samples, channels mixed to one. */
  toMono(bytes: Bytes): Samples
}

/** Integers of 8, 16, 24 or 32 bits, floats of 32 or 64, in up to 8 channels, at 8 to 48 kHz; throws what it is instead. */
export function wavFormat(chunk: DataView): WavFormat {
  if (chunk.byteLength < 16) throw badReply('sent a WAV whose format is cut', { retryable: false })
  const kind = kindOf(chunk)
  const channels = chunk.getUint16(2, true)
  const rate = chunk.getUint32(4, true)
  const bits = chunk.getUint16(14, true)
  const read = anyReader(kind, bits)
  if (!read) {
    const rule = 'set its format to 16-bit PCM'
    throw badReply(`sent a WAV of format ${kind} with ${bits} bits, which cannot be read: ${rule}`, {
      retryable: false,
    })
  }
  if (channels < 1 || channels > 8) throw badReply(`sent a WAV of ${channels} channels`, { retryable: false })
  refuseOdd(rate)
  return kind === 1 && bits === 16 && channels === 1
    ? plain(rate)
    : { rate, frame: (channels * bits) / 8, toMono: mixer({ channels, size: bits / 8, read }) }
}

interface RawOptions {
  readonly rate: number
  /** @default 1 */
  readonly channels?: number | undefined
}

/** Raw signed 16-bit little-endian samples; throws for a rate that no audio here may have. */
export function rawFormat({ rate, channels = 1 }: RawOptions): WavFormat {
  refuseOdd(rate)
  if (channels === 1) return plain(rate)
  const read: Read = (view, at) => view.getInt16(at, true)
  return { rate, frame: channels * 2, toMono: mixer({ channels, size: 2, read }) }
}

function refuseOdd(rate: number): void {
  if (rate >= LEAST_RATE && rate <= MOST_RATE) return
  throw badReply(`sent audio at ${rate} Hz, which is not read: make it ${LEAST_RATE} to ${MOST_RATE}`, {
    retryable: false,
  })
}

// A view where its place in memory allows one; every machine that Bun and Deno run on is little-endian.
const plain = (rate: number): WavFormat => ({
  rate,
  frame: 2,
  toMono(bytes) {
    const even = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice()
    return new Int16Array(even.buffer, even.byteOffset, even.length / 2)
  },
})

const mixer =
  (layout: Layout) =>
  ({ buffer, byteOffset, byteLength }: Bytes): Samples =>
    mixed(new DataView(buffer, byteOffset, byteLength), layout)

function anyReader(kind: number, bits: number): Read | undefined {
  if (kind === 1 && bits === 8) return (view, at) => (view.getUint8(at) - 128) * 256
  if (kind === 3 && bits === 64) return (view, at) => view.getFloat64(at, true) * 32_768
  return readerOf(kind, bits)
}
