import type { Samples } from '../../src/speech.ts'

const FRAME_MS = 20

/** How loud a sound is over time, a value every 20 ms: the same words said twice by eSpeak differ in detail only. */
export function envelope(samples: Samples, rate = 24_000): number[] {
  const size = (rate * FRAME_MS) / 1000
  return Array.from({ length: Math.floor(samples.length / size) }, (_, i) => {
    const frame = samples.subarray(i * size, (i + 1) * size)
    return Math.sqrt(frame.reduce((sum, sample) => sum + sample * sample, 0) / size)
  })
}

/** Pearson's correlation over the length of the shorter: 1 for the same sound, louder or not. */
export function likeness(one: readonly number[], other: readonly number[]): number {
  const length = Math.min(one.length, other.length)
  const a = centred(one.slice(0, length))
  const b = centred(other.slice(0, length))
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b))
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}

const product = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0)
