import { turn } from '../run/turn.ts'
import type { Bytes, Supply } from '../speech.ts'

export interface RingOptions {
  /** What has been taken of the source already. */
  readonly first?: Bytes | undefined
  /** Most bytes that wait for the listener here. */
  readonly capacity: number
  /** Told once all has been taken of the source. */
  readonly onEnd?: () => void
  /** Told when the listener leaves; must not wait. */
  readonly onCancel?: (reason: unknown) => void
}

/**
 * The largest slice as a share of the capacity: the flow's chunks of 100 ms pass a ring of 160 ms whole. Slices of
 * whatever room is left would give a slow listener crumbs.
 */
const SLICE = 5 / 8

/**
 * Holds at most `capacity` bytes between a source and one listener: a stream that counts its queue in bytes, and takes
 * of the source only while there is room for a slice of what it may give. What the source gives must be the ring's own
 * to keep. Where it fails the stream errors, once what came before has been taken. No stream of type `bytes`: that would
 * make a new buffer of each chunk, 11 KB of garbage for 100 ms of audio, for readers who bring their own.
 */
export function ring(
  source: Supply<Bytes>,
  { first, capacity, onEnd = () => {}, onCancel = () => {} }: RingOptions,
): ReadableStream<Bytes> {
  if (!Number.isInteger(capacity) || capacity < 1) {
    throw new RangeError(
      `Cannot create ring: capacity must be a positive integer, current value is ${capacity}`,
    )
  }
  const most = Math.ceil(capacity * SLICE)
  const highWaterMark = capacity - most + 1 // the last slice may begin with one byte of room
  let rest = first
  let failure: { readonly reason: unknown } | undefined
  let untilTurn = 0 // the first chunk is sent before the next is made
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        if (untilTurn < 0) {
          await turn() // or Bun would send nothing of what is there already until all of it is encoded
          untilTurn = capacity
        }
        try {
          while (!rest && !failure && !source.isOver) {
            rest = source.take()
            if (!rest && !source.isOver) await source.wait()
          }
        } catch (reason) {
          failure = { reason }
        }
        if (failure) {
          if (controller.desiredSize! < highWaterMark) return // an error would take what waits from the listener
          throw failure.reason
        }
        if (rest) {
          const whole = rest.length <= most
          const part = whole ? rest : rest.slice(0, most)
          rest = whole ? undefined : rest.subarray(most)
          untilTurn -= part.length
          controller.enqueue(part)
        }
        if (rest || !source.isOver) return
        controller.close() // at once, so that the end goes out with what comes last
        onEnd()
      },
      cancel: onCancel,
    },
    new ByteLengthQueuingStrategy({ highWaterMark }),
  )
}
