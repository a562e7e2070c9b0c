import { nextOf } from '../../src/pcm/supply.ts'
import type { Pcm, Samples } from '../../src/speech.ts'
import { supplyOf } from './supply.ts'

/** Samples that count up from `from`, so that order and loss show. */
export const counting = (length: number, from = 0): Samples => Int16Array.from({ length }, (_, i) => from + i)

export interface ScriptedPcm extends Pcm {
  /** How many chunks have been asked for. */
  readonly pulls: () => number
  /** Why it was cancelled, when it was. */
  readonly cancelled: () => unknown
}

export interface PulledOptions extends Partial<Pick<Pcm, 'rate' | 'speed' | 'cancel'>> {
  /** Gives the next samples; `undefined` at the end. */
  readonly read: () => Promise<Samples | undefined>
}

/** Audio of which more is read only while somebody waits for it. */
export const pulled = ({ rate = 24_000, speed = 1, cancel = async () => {}, read }: PulledOptions): Pcm =>
  Object.assign(supplyOf(read), { rate, speed, cancel })

/** Audio that comes chunk by chunk, only as it is pulled; `fails` errors it after the last chunk. */
export function pcmOf(
  chunks: Iterable<Samples>,
  { rate = 24_000, speed = 1, fails }: { rate?: number; speed?: number; fails?: Error } = {},
): ScriptedPcm {
  const iterator = chunks[Symbol.iterator]()
  let pulls = 0
  let cancelled: unknown
  const pcm = pulled({
    rate,
    speed,
    async read() {
      pulls++
      const { done, value } = iterator.next()
      if (!done) return value
      if (fails) throw fails
      return undefined
    },
    async cancel(reason) {
      cancelled = reason
    },
  })
  return Object.assign(pcm, { pulls: () => pulls, cancelled: () => cancelled })
}

/** A square wave: as loud as `level` at every sample, and no silence for a guard to find. */
export const square = (
  seconds: number,
  { level = 5000, rate = 24_000 }: { level?: number; rate?: number } = {},
): Samples =>
  Int16Array.from({ length: Math.round(seconds * rate) }, (_, i) => (i % 100 < 50 ? level : -level))

/** Chunks without end. */
export function* endless(length: number): Generator<Samples> {
  for (;;) yield square(length / 24_000)
}

/** Audio that is said at real time and never ends by itself. */
export function paced(): ScriptedPcm {
  let pulls = 0
  let cancelled: unknown
  const pcm = pulled({
    async read() {
      pulls++
      await new Promise((resolve) => setTimeout(resolve, 10))
      return square(0.01)
    },
    async cancel(reason) {
      cancelled = reason
    },
  })
  return Object.assign(pcm, { pulls: () => pulls, cancelled: () => cancelled })
}

/** Audio that comes at once, then waits to be told to fail. */
export function failingAfter(first: Samples, fail: Promise<void>): Pcm {
  const given = [first]
  return pulled({
    async read() {
      if (given.length > 0) return given.shift()
      await fail
      throw new Error('died')
    },
  })
}

/** Reads audio to its end, piece by piece. */
export async function* piecesOf(pcm: Pcm): AsyncGenerator<Samples, void> {
  for (let samples = await nextOf(pcm); samples; samples = await nextOf(pcm)) yield samples
}
