import type { Bytes, Encoder, Samples, Stage } from '../../src/speech.ts'

interface Tone {
  readonly hz: number
  readonly rate: number
  readonly seconds: number
  /** @default 20000 */
  readonly peak?: number
}

/** A sine. */
export const tone = ({ hz, rate, seconds, peak = 20_000 }: Tone): Samples =>
  Int16Array.from({ length: Math.round(rate * seconds) }, (_, i) =>
    Math.round(peak * Math.sin((2 * Math.PI * hz * i) / rate)),
  )

/** Something like a vowel: the first harmonics of `hz`, weaker as they go up. */
export function vowel({ hz, rate, seconds, peak = 20_000 }: Tone): Samples {
  const harmonics = Array.from({ length: 12 }, (_, i) => i + 1).filter((n) => n * hz < rate / 2.5)
  const total = harmonics.reduce((sum, n) => sum + 1 / n, 0)
  return Int16Array.from({ length: Math.round(rate * seconds) }, (_, i) =>
    Math.round(
      (peak / total) *
        harmonics.reduce((sum, n) => sum + Math.sin((2 * Math.PI * hz * n * i) / rate + n * n) / n, 0),
    ),
  )
}

export const joined = (...parts: readonly Samples[]): Samples =>
  Int16Array.from(parts.flatMap((part) => [...part]))

export const root = (samples: Samples): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)

/** The largest difference between neighbours; what makes a click is one past the signal's own. */
export const largestStep = (samples: Samples): number =>
  samples.reduce((most, sample, i) => (i === 0 ? 0 : Math.max(most, Math.abs(sample - samples[i - 1]!))), 0)

/** Frequency by the times of the first and last rise through zero. */
export function hertz(samples: Samples, rate: number): number {
  const rises: number[] = []
  for (let i = 1; i < samples.length; i++) {
    const [from, to] = [samples[i - 1]!, samples[i]!]
    if (from < 0 && to >= 0) rises.push(i - to / (to - from))
  }
  return ((rises.length - 1) * rate) / (rises.at(-1)! - rises[0]!)
}

/** How far below the sine of `hz` lies all else, in dB; edges left out. Also that sine's peak and phase. */
export function against(samples: Samples, { hz, rate }: { readonly hz: number; readonly rate: number }) {
  const edge = Math.round(samples.length / 5)
  const middle = samples.subarray(edge, -edge)
  let [ss, cc, sc, ys, yc] = [0, 0, 0, 0, 0]
  const wave = (i: number) => {
    const angle = (2 * Math.PI * hz * (i + edge)) / rate
    return [Math.sin(angle), Math.cos(angle)] as const
  }
  for (const [i, y] of middle.entries()) {
    const [s, c] = wave(i)
    ss += s * s
    cc += c * c
    sc += s * c
    ys += y * s
    yc += y * c
  }
  const det = ss * cc - sc * sc
  const [a, b] = [(ys * cc - yc * sc) / det, (yc * ss - ys * sc) / det]
  const rest = middle.reduce((sum, y, i) => {
    const [s, c] = wave(i)
    return sum + (y - a * s - b * c) ** 2
  }, 0)
  const peak = Math.hypot(a, b)
  return { peak, phase: Math.atan2(b, a), restDb: 10 * Math.log10(rest / middle.length / (peak ** 2 / 2)) }
}

/** Cuts samples into pieces of the given sizes, over and over; at least one size must be positive. */
export function pieces(samples: Samples, sizes: readonly number[]): Samples[] {
  const cut: Samples[] = []
  for (let at = 0, i = 0; at < samples.length; i++) {
    const size = sizes[i % sizes.length]!
    cut.push(samples.subarray(at, at + size))
    at += size
  }
  return cut
}

/** All that a stage gives for samples that come in pieces, each of which is only lent, as is what it gives. */
export const through = (
  stage: Stage<Samples, Samples>,
  samples: Samples,
  sizes: readonly number[] = [480],
): Samples => joined(...passed(stage, samples, sizes))

/** All that an encoder gives for samples that come in pieces, lent like a stage's. */
export function encoded(encoder: Encoder, samples: Samples, sizes: readonly number[] = [480]): Bytes {
  const parts = passed(encoder, samples, sizes)
  encoder[Symbol.dispose]()
  return new Uint8Array(Buffer.concat(parts))
}

function passed<Out extends Samples | Bytes>(
  stage: Stage<Samples, Out>,
  samples: Samples,
  sizes: readonly number[],
): Out[] {
  const given: Out[] = []
  for (const piece of pieces(samples, sizes)) {
    const lent = piece.slice()
    given.push(stage.push(lent).slice() as Out)
    lent.fill(0x5555) // a stage that has kept it would be heard
  }
  return [...given, stage.end().slice() as Out]
}
