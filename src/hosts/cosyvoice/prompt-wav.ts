import { wavHeader } from '../../pcm/formats/wav.ts'
import { joinBytes } from '../../pcm/join-bytes.ts'
import type { Bytes, Samples } from '../../speech.ts'
import { readWav, type Wav } from '../audio/read-wav.ts'
import { resampled } from './resampled.ts'

/** The server's own limits. */
const LEAST_RATE = 16_000
const MOST_SECONDS = 30
/** The highest rate that a model looks at. */
const MOST_RATE = 24_000
/** Silence that stays at the end; version 1 and 2 may never stop speaking after a recording that ends in more. */
const TAIL_SECONDS = 0.2
/** Silence is 40 dB under the recording's peak. */
const SILENCE = 0.01

/**
 * Makes a recording fit to be a voice's prompt: mono, 16-bit, at most 24 kHz, no long silence at its end. Throws a
 * `RangeError` that says what is wrong with one under 16 kHz, over 30 s, silent, or no WAV at all.
 */
export function promptWav(file: Bytes): Bytes {
  const recording = readWav(file)
  check(recording)
  const rate = Math.min(recording.rate, MOST_RATE)
  const samples = resampled(trimmed(recording), { from: recording.rate, to: rate })
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
  return joinBytes([wavHeader({ rate, samples: samples.length }), bytes])
}

function check({ rate, samples }: Wav): void {
  const seconds = samples.length / rate
  if (rate < LEAST_RATE) throw wrong(`rate must be at least ${LEAST_RATE} Hz`, rate)
  if (rate > 48_000) throw wrong('rate must be at most 48000 Hz', rate)
  if (seconds > MOST_SECONDS) throw wrong(`length must be at most ${MOST_SECONDS} s`, seconds.toFixed(1))
  if (peak(samples) < 100) throw wrong('level must be over -50 dBFS', 'silence')
}

function trimmed({ rate, samples }: Wav): Samples {
  const floor = peak(samples) * SILENCE
  const heard = samples.findLastIndex((sample) => Math.abs(sample) > floor)
  return samples.slice(0, heard + 1 + Math.round(TAIL_SECONDS * rate))
}

const peak = (samples: Samples): number =>
  samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)

const wrong = (rule: string, value: string | number) =>
  new RangeError(`Cannot use recording: ${rule}, current value is ${value}`)
