import type { Bytes, Samples } from '../../speech.ts'
import { readWav } from '../audio/read-wav.ts'
import { resampled } from '../cosyvoice/resampled.ts'
import type { CosyvoiceDialect } from '../cosyvoice-grpc-config.ts'

/** Samples a second of prompts, in both dialects. */
const RATE = 16_000

/**
 * Takes a recording's samples out of its WAV file as a dialect wants them, at 16 kHz and without a header: 16-bit
 * integers for upstream, 32-bit floats for the fork.
 */
export function promptAudio(file: Bytes, dialect: CosyvoiceDialect): Bytes {
  const { rate, samples } = readWav(file)
  const { buffer } = encoded(resampled(samples, { from: rate, to: RATE }), dialect)
  return new Uint8Array(buffer)
}

function encoded(samples: Samples, dialect: CosyvoiceDialect): Samples | Float32Array<ArrayBuffer> {
  return dialect === 'upstream' ? samples.slice() : Float32Array.from(samples, (sample) => sample / 32_768)
}
