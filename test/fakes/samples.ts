import type { Pcm, Samples } from '../../src/speech.ts'
import { streamFrom } from '../../src/stream-from.ts'

/** Samples that count up from `from`, so that order and loss show. */
export const counting = (length: number, from = 0): Samples => Int16Array.from({ length }, (_, i) => from + i)

export interface ScriptedPcm extends Pcm {
  /** How many chunks have been asked for. */
  readonly pulls: () => number
  /** Why it was cancelled, when it was. */
  readonly cancelled: () => unknown
}

/** Audio that comes chunk by chunk, only as it is pulled; `fails` errors it after the last chunk. */
export function pcmOf(
  chunks: Iterable<Samples>,
  { rate = 24_000, speed = 1, fails }: { rate?: number; speed?: number; fails?: Error } = {},
): ScriptedPcm {
  const iterator = chunks[Symbol.iterator]()
  let pulls = 0
  let cancelled: unknown
  const stream = new ReadableStream<Samples>(
    {
      pull(controller) {
        pulls++
        const { done, value } = iterator.next()
        if (!done) controller.enqueue(value)
        else if (fails) controller.error(fails)
        else controller.close()
      },
      cancel(reason) {
        cancelled = reason
      },
    },
    { highWaterMark: 0 },
  )
  return { rate, speed, stream, pulls: () => pulls, cancelled: () => cancelled }
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
  const stream = new ReadableStream<Samples>(
    {
      async pull(controller) {
        pulls++
        await new Promise((resolve) => setTimeout(resolve, 10))
        if (cancelled === undefined) controller.enqueue(square(0.01))
      },
      cancel(reason) {
        cancelled = reason
      },
    },
    { highWaterMark: 0 },
  )
  return { rate: 24_000, speed: 1, stream, pulls: () => pulls, cancelled: () => cancelled }
}

/** Audio that comes at once, then waits to be told to fail. */
export function failingAfter(first: Samples, fail: Promise<void>): Pcm {
  const stream = streamFrom(
    (async function* () {
      yield first
      await fail
      throw new Error('died')
    })(),
  )
  return { rate: 24_000, speed: 1, stream }
}
