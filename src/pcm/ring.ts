import type { Bytes } from '../speech.ts'

export interface RingOptions {
  /** Most bytes that wait for the listener here. */
  readonly capacity: number
  /** Told when the listener leaves; must not wait. */
  readonly onCancel?: (reason: unknown) => void
}

/**
 * Holds at most `capacity` bytes between `next` and one listener: a byte stream whose high-water mark is
 * its capacity, so that `next` is asked only while there is room. What `next` gives is sliced to that room;
 * it must be the ring's own to keep, since enqueueing detaches it. `undefined` ends the stream, a rejection errors it.
 */
export function ring(
  next: () => Promise<Bytes | undefined>,
  { capacity, onCancel = () => {} }: RingOptions,
): ReadableStream<Bytes> {
  if (!Number.isInteger(capacity) || capacity < 1) {
    throw new RangeError(
      `Cannot create ring: capacity must be a positive integer, current value is ${capacity}`,
    )
  }
  let rest: Bytes | undefined
  return new ReadableStream(
    {
      type: 'bytes',
      async pull(controller) {
        rest ??= await next()
        if (!rest) {
          controller.close()
          controller.byobRequest?.respond(0)
          return
        }
        const room = Math.max(1, controller.desiredSize ?? 1)
        const whole = rest.length <= room
        const part = whole ? rest : rest.slice(0, room)
        rest = whole ? undefined : rest.subarray(room)
        controller.enqueue(part)
      },
      cancel: onCancel,
    },
    { highWaterMark: capacity },
  )
}
