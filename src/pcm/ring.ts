import { turn } from '../run/turn.ts'
import type { Bytes, Supply, Waiter } from '../speech.ts'

/** What a ring takes of. */
export interface RingSource extends Supply<Bytes> {
  /** Told once all has been taken of it. */
  ended?(): void
  /** Told when the listener leaves; must not wait. */
  left?(reason: unknown): void
}

export interface RingOptions {
  /** Most bytes that wait for the listener here. */
  readonly capacity: number
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
export function ring(source: RingSource, { capacity }: RingOptions): ReadableStream<Bytes> {
  if (!Number.isInteger(capacity) || capacity < 1) {
    throw new RangeError(
      `Cannot create ring: capacity must be a positive integer, current value is ${capacity}`,
    )
  }
  const most = Math.ceil(capacity * SLICE)
  const highWaterMark = capacity - most + 1 // the last slice may begin with one byte of room
  return new ReadableStream(
    new Ring(source, { capacity, most, highWaterMark }),
    new ByteLengthQueuingStrategy({ highWaterMark }),
  )
}

interface Bounds extends RingOptions {
  /** Bytes of the largest slice. */
  readonly most: number
  readonly highWaterMark: number
}

class Ring implements UnderlyingDefaultSource<Bytes>, Waiter {
  readonly #source: RingSource
  readonly #bounds: Bounds
  #controller!: ReadableStreamDefaultController<Bytes>
  /** Whether it is giving, which pulls again, or will be woken. */
  #isBusy = false
  #rest: Bytes | undefined
  #failure: { readonly reason: unknown } | undefined
  /** The first chunk is sent before the next is made. */
  #untilTurn = 0

  constructor(source: RingSource, bounds: Bounds) {
    this.#source = source
    this.#bounds = bounds
  }

  start(controller: ReadableStreamDefaultController<Bytes>): void {
    this.#controller = controller
  }

  /** Gives at once or later: a promise for each chunk, pending until there is one, would be much to clear away. */
  pull(): void {
    if (!this.#isBusy) this.wake()
  }

  /** There may be more. */
  wake(): void {
    this.#isBusy = true
    if (this.#give(this.#controller)) this.#isBusy = false
  }

  /** Gives what there is while there is room for it; whether that was all, or else it will be woken to go on. */
  #give(controller: ReadableStreamDefaultController<Bytes>): boolean {
    try {
      while (!this.#failure && controller.desiredSize! > 0) {
        if (this.#untilTurn < 0) {
          this.#untilTurn = this.#bounds.capacity
          turn().then(() => this.wake()) // or Bun would send nothing of what is there already until all of it is encoded
          return false
        }
        const bytes = this.#rest ?? this.#source.take()
        if (bytes) controller.enqueue(this.#slice(bytes))
        else if (!this.#source.isOver) {
          this.#source.wait(this)
          return false
        }
        if (!this.#rest && this.#source.isOver) {
          controller.close() // at once, so that the end goes out with what comes last
          this.#source.ended?.()
        }
      }
    } catch (reason) {
      this.#failure = { reason }
    }
    // Only once nothing waits: an error would take that from the listener.
    if (this.#failure && controller.desiredSize === this.#bounds.highWaterMark) {
      controller.error(this.#failure.reason)
    }
    return true
  }

  cancel(reason: unknown): void {
    this.#source.left?.(reason)
  }

  #slice(bytes: Bytes): Bytes {
    const { most } = this.#bounds
    const whole = bytes.length <= most
    const slice = whole ? bytes : bytes.slice(0, most)
    this.#rest = whole ? undefined : bytes.subarray(most)
    this.#untilTurn -= slice.length
    return slice
  }
}
