import type { Bytes } from '../speech.ts'

/** Whether a server here takes bodies made by {@link directStream}: Bun's does. */
export const canWriteDirectly = 'Bun' in globalThis

/** A reply's connection, as Bun's server gives it to the body. */
export interface DirectSink {
  /** Sends bytes, or copies them, and gives their count; a promise of it while the connection takes no more. */
  write(bytes: Bytes): number | Promise<number>
  /** Sends what was too little to be sent by itself. */
  flush(): void
  /** Ends the reply, or cuts it off for a reason: then the connection is reset. */
  close(reason?: unknown): void
}

export interface DirectSource {
  /** Called once; resolves when all has been written. */
  pull(sink: DirectSink): Promise<void>
  /** The listener has gone. */
  cancel(reason: unknown): void
}

/** A reply's body that is written to the connection by itself, where a web stream is read piece by piece. */
export const directStream = (source: DirectSource): ReadableStream<Bytes> =>
  new ReadableStream({
    type: 'direct',
    pull: (sink: DirectSink) => source.pull(sink),
    cancel: (reason: unknown) => source.cancel(reason),
  } as unknown as UnderlyingDefaultSource<Bytes>)
