import { type DirectSink, type DirectSource, directStream } from '../run/direct-stream.ts'
import type { Bytes } from '../speech.ts'
import { type Outlet, Pump, type PumpOptions, type PumpSource } from './pump.ts'

/**
 * A `ring` for the body of an HTTP reply on Bun, whose server it hands each slice: what the connection takes is
 * copied nowhere, and no more is taken of the source until it has taken that. Where the source fails the connection is
 * reset; one that fails before it has given anything has Bun print the error.
 */
export const directRing = (source: PumpSource, options: PumpOptions): ReadableStream<Bytes> =>
  directStream(new DirectRing(source, options))

class DirectRing implements DirectSource, Outlet {
  hasRoom = true
  readonly #pump: Pump
  readonly #over = Promise.withResolvers<void>()
  #sink!: DirectSink

  constructor(source: PumpSource, options: PumpOptions) {
    this.#pump = new Pump(source, this, options)
  }

  pull(sink: DirectSink): Promise<void> {
    this.#sink = sink
    this.#pump.go()
    return this.#over.promise
  }

  cancel(reason: unknown): void {
    this.#pump.left(reason)
    this.#over.resolve()
  }

  write(bytes: Bytes): void {
    const sent = this.#sink.write(bytes)
    this.#sink.flush()
    if (typeof sent !== 'number') this.#waitFor(sent)
  }

  end(): void {
    this.#over.resolve()
    this.#sink.close()
  }

  fail(reason: unknown): void {
    this.#over.resolve()
    this.#sink.close(reason)
  }

  #waitFor(sent: Promise<number>): void {
    this.hasRoom = false
    const goOn = () => {
      this.hasRoom = true
      this.#pump.go()
    }
    sent.then(goOn, goOn)
  }
}
