import { Code, ConnectError } from '@connectrpc/connect'
import { SpeechError } from '../../errors.ts'
import type { Bytes, Signal } from '../../speech.ts'
import type { CosyvoiceGrpcConfig } from '../cosyvoice-grpc-config.ts'
import type { Conceal } from '../remote/conceal.ts'
import { ConnectionWatch, type ConnectionWatchOptions } from '../remote/connection-watch.ts'
import { unreachable } from '../remote/failure.ts'
import type { Leaving } from '../remote/leaving.ts'
import type { Connection } from './connection.ts'
import { askIn, type GrpcCall } from './dialects.ts'
import { type GrpcWhom, grpcFailure, isStale } from './grpc-failure.ts'
import type { Work } from './pace.ts'

export interface GrpcRequestDeps extends Pick<ConnectionWatchOptions, 'setTimer' | 'reach'> {
  readonly connection: Connection
  /** Milliseconds. */
  readonly now: () => number
}

export interface GrpcRequestOptions {
  readonly whom: GrpcWhom
  /** Ends the call, and can be told to. */
  readonly leaving: Pick<Leaving, 'signal' | 'end'>
  readonly work: Work
  readonly conceal: Conceal
}

export type GrpcRequest = (call: GrpcCall, options: GrpcRequestOptions) => Promise<ReadableStream<Bytes>>

/**
 * Gives what sends calls to a host: resolves with the reply's audio once the first of it is there, since gRPC tells
 * nothing earlier, or rejects with a `SpeechError`.
 */
export const grpcRequest =
  ({ url, headers, dialect, timeouts }: CosyvoiceGrpcConfig, deps: GrpcRequestDeps): GrpcRequest =>
  async (call, { whom, leaving, work, conceal }) => {
    const { connection, now, ...watching } = deps
    const startedAt = now()
    const cancel = cancelled(leaving.signal, connection)
    const onAbsent = (reason: Error) => {
      leaving.end(reason)
      connection.close()
    }
    const options = { signal: cancel.signal, headers }
    const ask = () => askIn[dialect](call, connection.transport, options)[Symbol.asyncIterator]()
    let messages = ask()
    const pull = async (): Promise<Bytes | undefined> => {
      const { done, value } = await work.time(messages.next())
      return done ? undefined : value.ttsAudio.slice() // the reader's own: two messages may share their memory
    }
    const again = (thrown: unknown) => {
      if (cancel.signal.aborted || !isStale(thrown, { afterMs: now() - startedAt })) throw thrown
      messages = ask()
      return pull()
    }
    const last = () => {
      if (!cancel.signal.aborted) work.end()
      cancel.abort() // a call that is let go of goes on
    }
    const next = (audio: Promise<Bytes | undefined> = pull()) =>
      audio.then(
        (bytes) => {
          if (!bytes) last()
          return bytes
        },
        (thrown) => {
          last()
          throw thrown
        },
      )
    using _watch = new ConnectionWatch(new URL(url), { ms: timeouts.connectMs, onAbsent, ...watching })
    try {
      return bodyOf(await next(pull().catch(again)), { next, cancel: cancel.abort })
    } catch (thrown) {
      if (leaving.signal.aborted) throw unreachable(whom, leaving.signal.reason)
      throw grpcFailure(thrown, { whom, conceal })
    }
  }

interface Messages {
  readonly next: () => Promise<Bytes | undefined>
  readonly cancel: () => void
}

function bodyOf(first: Bytes | undefined, { next, cancel }: Messages): ReadableStream<Bytes> {
  return new ReadableStream(
    {
      start: (controller) => (first ? controller.enqueue(first) : controller.close()),
      async pull(controller) {
        const audio = await next()
        if (audio) controller.enqueue(audio)
        else controller.close()
      },
      cancel,
    },
    { highWaterMark: 0 },
  )
}

interface Cancel {
  readonly signal: AbortSignal
  readonly abort: () => void
}

/** What ends a call, by itself or with `signal`. */
function cancelled(signal: Signal, connection: Connection): Cancel {
  const controller = new AbortController()
  // For any other reason the host would be told of an internal error.
  const abort = () => controller.abort(new ConnectError('Nobody waits for it', Code.Canceled))
  const onEnd = () => {
    abort()
    const { code, source } = SpeechError.from(signal.reason)
    if (code === 'timeout' && source === 'host') connection.retire() // it may be dead, with nobody left to say so
  }
  signal.addEventListener('abort', onEnd, { once: true })
  if (signal.aborted) onEnd()
  return { signal: controller.signal, abort }
}
