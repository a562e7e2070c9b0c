import type { Samples } from '../../src/speech.ts'

export interface Sound {
  /** Root mean square; full scale is 32,768. */
  readonly rms: number
  /** The share of energy from 100 to 4,000 Hz, where speech is; white noise has 0.35. */
  readonly speechShare: number
  /** Where the energy is on average, in Hz. */
  readonly centroid: number
  /** Median pitch of the voiced frames, in Hz. */
  readonly pitch: number
  /** The share of frames that repeat themselves as a voice does. */
  readonly voiced: number
}

const FRAME = 1024
const HANN = Float64Array.from({ length: FRAME }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / FRAME))

/** Measures what tells a voice from silence, noise and another voice, on a third of the audio. */
export function soundOf(samples: Samples, rate: number): Sound {
  const frames: Samples[] = []
  for (let at = 0; at + FRAME <= samples.length; at += 3 * FRAME)
    frames.push(samples.subarray(at, at + FRAME))
  const loud = frames.filter((frame) => rmsOf(frame) > 500)
  const pitches = loud.map((frame) => pitchOf(frame, rate)).filter((pitch) => pitch > 0)
  const spectrum = spectrumOf(loud)
  const energy = (from: number, to: number) =>
    spectrum.reduce((sum, power, bin) => (hz(bin, rate) >= from && hz(bin, rate) < to ? sum + power : sum), 0)
  return {
    rms: rmsOf(samples),
    speechShare: energy(100, 4000) / energy(0, rate),
    centroid: spectrum.reduce((sum, power, bin) => sum + power * hz(bin, rate), 0) / energy(0, rate),
    pitch: pitches.sort((a, b) => a - b)[pitches.length >> 1] ?? 0,
    voiced: pitches.length / frames.length,
  }
}

const hz = (bin: number, rate: number) => (bin * rate) / FRAME

function rmsOf(samples: Samples): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return Math.sqrt(sum / Math.max(1, samples.length))
}

/** Power by frequency, at every fourth bin, which is enough for sums. */
function spectrumOf(frames: readonly Samples[]): number[] {
  const spectrum = new Array<number>(FRAME / 2).fill(0)
  for (const frame of frames) {
    for (let bin = 1; bin < FRAME / 2; bin += 4) spectrum[bin]! += powerAt(frame, bin)
  }
  return spectrum
}

/** Goertzel's algorithm: the power at one frequency. */
function powerAt(frame: Samples, bin: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * bin) / FRAME)
  let last = 0
  let before = 0
  for (let n = 0; n < FRAME; n++) {
    const next = frame[n]! * HANN[n]! + turn * last - before
    before = last
    last = next
  }
  return last * last + before * before - turn * last * before
}

/** The lag from 65 to 440 Hz at which the frame is most like itself; 0 when it is not. */
function pitchOf(frame: Samples, rate: number): number {
  let best = 0.6
  let at = 0
  for (let lag = Math.floor(rate / 440); lag < rate / 65; lag++) {
    const likeness = likenessAt(frame, lag)
    if (likeness <= best + 0.02) continue // a multiple of the lag is no better
    best = likeness
    at = lag
  }
  return at === 0 ? 0 : rate / at
}

function likenessAt(frame: Samples, lag: number): number {
  let both = 0
  let left = 0
  let right = 0
  for (let n = 0; n + lag < FRAME; n += 4) {
    const here = frame[n]!
    const there = frame[n + lag]!
    both += here * there
    left += here * here
    right += there * there
  }
  return both / Math.sqrt(left * right)
}
