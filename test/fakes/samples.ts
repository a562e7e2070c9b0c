import type { Pcm, Samples } from '../../src/speech.ts'

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

/** Chunks without end. */
export function* endless(length: number): Generator<Samples> {
  for (let i = 0; ; i++) yield new Int16Array(length).fill(i % 30_000)
}
