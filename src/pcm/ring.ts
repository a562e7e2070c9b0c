import type { Bytes } from '../speech.ts'
import { type Outlet, Pump, type PumpOptions, type PumpSource, sliceOf } from './pump.ts'

/**
 * Holds at most `capacity` bytes between a source and one listener: a stream that counts its queue in bytes, and takes
 * of the source only while there is room for a slice of what it may give. Where the source fails the stream errors, once
 * what came before has been taken. Throws a `RangeError` for a capacity that is no positive integer. No stream of type
 * `bytes`: that would make a new buffer of each chunk, 11 KB of garbage for 100 ms of audio, for readers who bring their
 * own.
 */
export function ring(source: PumpSource, { capacity }: PumpOptions): ReadableStream<Bytes> {
  const highWaterMark = capacity - sliceOf(capacity) + 1 // the last slice may begin with one byte of room
  return new ReadableStream(
    new Ring(source, { capacity, highWaterMark }),
    new ByteLengthQueuingStrategy({ highWaterMark }),
  )
}

class Ring implements UnderlyingDefaultSource<Bytes>, Outlet {
  readonly #pump: Pump
  readonly #highWaterMark: number
  #controller!: ReadableStreamDefaultController<Bytes>
  #failure: { readonly reason: unknown } | undefined

  constructor(
    source: PumpSource,
    { capacity, highWaterMark }: PumpOptions & { readonly highWaterMark: number },
  ) {
    this.#pump = new Pump(source, this, { capacity })
    this.#highWaterMark = highWaterMark
  }

  start(controller: ReadableStreamDefaultController<Bytes>): void {
    this.#controller = controller
  }

  /** Gives at once or later: a promise for each chunk, pending until there is one, would be much to clear away. */
  pull(): void {
    if (this.#failure) this.#breakOff(this.#failure.reason)
    else this.#pump.go()
  }

  cancel(reason: unknown): void {
    this.#pump.left(reason)
  }

  get hasRoom(): boolean {
    return this.#controller.desiredSize! > 0
  }

  write(bytes: Bytes): void {
    this.#controller.enqueue(bytes.slice())
  }

  end(): void {
    this.#controller.close()
  }

  fail(reason: unknown): void {
    this.#failure = { reason }
    this.#breakOff(reason)
  }

  /** Only once nothing waits: an error would take that from the listener. */
  #breakOff(reason: unknown): void {
    if (this.#controller.desiredSize === this.#highWaterMark) this.#controller.error(reason)
  }
}
