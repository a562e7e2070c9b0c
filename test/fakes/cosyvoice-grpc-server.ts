import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { create, type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf'
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import {
  CosyVoice as Fork,
  RequestSchema as ForkRequest,
  ResponseSchema as ForkResponse,
} from '../../src/hosts/cosyvoice-grpc/async-cosyvoice-pb.ts'
import {
  CosyVoice as Upstream,
  RequestSchema as UpstreamRequest,
  ResponseSchema as UpstreamResponse,
} from '../../src/hosts/cosyvoice-grpc/upstream-pb.ts'
import { joinBytes } from '../../src/pcm/join-bytes.ts'
import type { Bytes, Samples } from '../../src/speech.ts'
import { aloudOf, type FakeModel, piecesOf, presetsOf, rateOf, tone } from './cosyvoice-model.ts'
import { bytesOf, clamped, type Speak, voiceOf, wrapped } from './cosyvoice-voice.ts'
import { listenOn } from './port.ts'

/** How it answers, beside what the model does by itself. */
export interface GrpcBehaviour {
  /** Time to the first piece, beside its share of `rtf`. @default 0 */
  readonly firstByteMs?: number | undefined
  /** Computing time by audio time. @default 0 */
  readonly rtf?: number | undefined
  /** Text is spoken in pieces, one message each: sentences joined until they are this long. @default 60 */
  readonly pieceChars?: number | undefined
  /** Cuts each piece into messages of so many bytes, odd ones too. @default whole pieces; the fork's own chunks */
  readonly messageBytes?: number | undefined
  /** Closes the connection after so many messages. */
  readonly cutAfterMessages?: number | undefined
  /** Raises an exception after so many messages. */
  readonly failAfterMessages?: number | undefined
  /** Bytes that each piece has too many. @default 0 */
  readonly trailingBytes?: number | undefined
  /** Answers so at once instead. */
  readonly refuse?: GrpcRefusal | undefined
  /** Peak level; 1 is full scale, and what is over it wraps (upstream) or is clamped (fork). @default 0.3 */
  readonly level?: number | undefined
  /** Speaks for so long whatever the text, in pieces of a second; `Infinity` for ever. */
  readonly seconds?: number | undefined
  /** Takes the request and never answers. */
  readonly hang?: boolean | undefined
  /** Upstream's newest commit hands recordings to a function that wants files: each call with one fails. */
  readonly strictPrompts?: boolean | undefined
}

export interface GrpcRefusal {
  readonly code: Code
  /** @default '' */
  readonly text?: string
  /** Sent in the trailers. */
  readonly metadata?: Readonly<Record<string, string>>
}

export interface CosyvoiceGrpcServerOptions extends GrpcBehaviour {
  /** @default a free one */
  readonly port?: number
  /** @default 'upstream' */
  readonly dialect?: 'upstream' | 'async-cosyvoice'
  /** @default 'cosyvoice-300m-sft'; the fork's is always cosyvoice2 */
  readonly model?: FakeModel
  /** Preset voices; of the fork those that it keeps by name. @default those of the model */
  readonly voices?: readonly string[]
  /** Says a text piece by piece, one message each. @default tones, by sentences */
  readonly speak?: Speak
  /** How one call is answered; what it leaves out is as for all. */
  readonly behave?: (call: GrpcFakeCall) => GrpcBehaviour
  /** Calls at once; one more is refused, none waits. @default 4 */
  readonly maxConc?: number
}

/** What is known of one call. Times are `performance.now()`. */
export interface GrpcFakeCall {
  /** Which of the request's kinds it is, `none` when it says none. */
  readonly kind: string
  /** All text fields. */
  readonly fields: Readonly<Record<string, string>>
  /** What it says: the text without the marks that a host obeys. */
  readonly text: string
  /** The recording that came with it. */
  readonly prompt: Bytes | undefined
  readonly headers: Headers
  readonly startedAt: number
  firstByteAt: number | undefined
  /** When its slot was free again, well or not. */
  finishedAt: number | undefined
  /** How many pieces were computed. */
  pieces: number
  /** Whether the caller cancelled it before the end. */
  cancelled: boolean
}

export interface CosyvoiceGrpcServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Samples a second of its replies. */
  readonly rate: number
  /** All calls that came as far as inference, in order. */
  readonly calls: readonly GrpcFakeCall[]
  /** How many slots are taken. */
  readonly running: number
  readonly mostRunning: number
  /** How many calls were refused for want of a slot. */
  readonly refused: number
  /** How many connections were ever made. */
  readonly connections: number
  /** How many there are. */
  readonly connected: number
  /** Changes how later calls are answered. */
  behave(behaviour: GrpcBehaviour): void
  /** Cuts all connections, and goes on listening. */
  cut(): void
  /** Closes all connections as if nothing were running, and goes on listening. */
  hangUp(): void
  /** Asks all connections to end once their calls have, and goes on listening. */
  goAway(): void
  close(): Promise<void>
}

/** What gRPC's servers take by default; the fork's takes 100 MiB. */
const MOST_BYTES = { upstream: 4 * 1024 * 1024, 'async-cosyvoice': 100 * 1024 * 1024 }
/** The fork streams a piece in chunks of about so long. */
const CHUNK_SECONDS = 0.6

/** A gRPC server that answers as CosyVoice's own does, or as the fork's, their faults included. */
export async function startCosyvoiceGrpcServer(
  options: CosyvoiceGrpcServerOptions = {},
): Promise<CosyvoiceGrpcServer> {
  const { dialect = 'upstream', maxConc = 4 } = options
  const fork = dialect === 'async-cosyvoice'
  const model = fork ? 'cosyvoice2' : (options.model ?? 'cosyvoice-300m-sft')
  const voices = options.voices ?? presetsOf(model)
  const rate = rateOf(model)
  const calls: GrpcFakeCall[] = []
  const count = { running: 0, most: 0, refused: 0, connections: 0 }
  let common: GrpcBehaviour = options

  /** Python's exception, in the words of each server. */
  const failed = (text: string) =>
    fork // HTTP/2 drops a header that ends in a space
      ? new ConnectError(text && `Processing error: ${text}`, Code.Internal)
      : new ConnectError(`Exception iterating responses: ${text}`, Code.Unknown)

  async function* answer(asked: Asked, context: HandlerContext): AsyncGenerator<Bytes> {
    if (asked.size > MOST_BYTES[dialect]) {
      const text = `SERVER: Received message larger than max (${asked.size} vs. ${MOST_BYTES[dialect]})`
      throw new ConnectError(text, Code.ResourceExhausted)
    }
    if (count.running >= maxConc) {
      count.refused++
      throw new ConnectError('Concurrent RPC limit exceeded!', Code.ResourceExhausted)
    }
    const call: GrpcFakeCall = {
      kind: asked.kind,
      fields: asked.fields,
      text: aloudOf(asked.fields.ttsText ?? ''),
      prompt: asked.prompt,
      headers: context.requestHeader,
      startedAt: performance.now(),
      firstByteAt: undefined,
      finishedAt: undefined,
      pieces: 0,
      cancelled: false,
    }
    calls.push(call)
    count.running++
    count.most = Math.max(count.most, count.running)
    let computing = false
    const free = () => {
      if (call.finishedAt !== undefined) return
      call.finishedAt = performance.now()
      count.running--
    }
    const onAbort = () => {
      if (call.finishedAt === undefined) call.cancelled = true
      // A thread cannot be interrupted: the slot is taken until the piece is done. The fork's coroutine can, in a while.
      if (fork) setTimeout(free, 10)
      else if (!computing) free()
    }
    context.signal.addEventListener('abort', onAbort, { once: true })
    try {
      const behaviour = { ...common, ...options.behave?.(call) }
      if (behaviour.refuse) {
        throw new ConnectError(behaviour.refuse.text ?? '', behaviour.refuse.code, behaviour.refuse.metadata)
      }
      const fault = faultOf(asked, behaviour)
      if (fault !== undefined) throw failed(fault)
      const { firstByteMs = 0, rtf = 0, cutAfterMessages = Number.POSITIVE_INFINITY } = behaviour
      let sent = 0
      for (const samples of audioOf(call, behaviour)) {
        computing = true
        if (behaviour.hang) await aborted(context.signal)
        await sleep((call.pieces === 0 ? firstByteMs : 0) + (rtf * samples.length * 1000) / rate)
        computing = false
        call.pieces++
        if (context.signal.aborted) return
        for (const bytes of messagesOf(samples, behaviour)) {
          if (sent === behaviour.failAfterMessages) throw failed('CUDA out of memory')
          if (sent++ === cutAfterMessages) return await cutOff()
          call.firstByteAt ??= performance.now()
          yield bytes
          await new Promise((resolve) => setImmediate(resolve))
          if (context.signal.aborted) return
        }
      }
      if (sent === cutAfterMessages) await cutOff()
    } finally {
      if (!(fork && call.cancelled)) free()
    }
  }

  const cutOff = async () => {
    await sleep(5)
    cut()
  }
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }

  /** What Python would raise, when it would. */
  const faultOf = (asked: Asked, behaviour: GrpcBehaviour): string | undefined => {
    const { kind, fields, prompt } = asked
    const { spkId, instructText = '', promptText = '', ttsText = '' } = fields
    if (fork) {
      if (kind === 'none') return 'Invalid request type'
      if (asked.stream && asked.speed !== 1) return 'speed change only support non-stream inference mode'
      if (asked.speed === 0) return 'float division by zero'
      if (kind.includes('BySpkId') && !voices.includes(spkId ?? '')) return '' // an assertion without words
      if (kind === 'sftRequest' && !voices.includes(spkId ?? '')) return `'${spkId}'`
      if (prompt && prompt.length % 4 !== 0) return 'buffer size must be a multiple of element size'
      return undefined
    }
    if (kind === 'none') return 'inference_instruct is only implemented for CosyVoice!'
    if (prompt && prompt.length % 2 !== 0) return 'buffer size must be a multiple of element size'
    if (prompt && behaviour.strictPrompts) return 'Invalid file: tensor([[0., 0., 0.]])'
    if (kind === 'instructRequest' && model !== 'cosyvoice-300m-instruct') {
      return 'inference_instruct is only implemented for CosyVoice!'
    }
    if (spkId !== undefined && !voices.includes(spkId)) return `'${spkId}'`
    if (model !== 'cosyvoice3') return undefined
    const marked = [instructText, promptText, ttsText].some((text) => text.includes('<|endofprompt|>'))
    return marked ? undefined : '<|endofprompt|> not detected in CosyVoice3 text or prompt_text'
  }

  function* audioOf(call: GrpcFakeCall, { seconds, level = 0.3, pieceChars = 60 }: GrpcBehaviour) {
    if (options.speak) return yield* options.speak(call.text, { rate, level })
    if (seconds !== undefined) return yield* tone(seconds, { rate, level })
    for (const piece of piecesOf(call.fields.ttsText ?? '', pieceChars)) {
      yield (fork ? clamped : wrapped)(voiceOf(piece, { rate, level }))
    }
  }

  function* messagesOf(samples: Samples, behaviour: GrpcBehaviour): Generator<Bytes> {
    const { messageBytes, trailingBytes = 0 } = behaviour
    const bytes = joinBytes([bytesOf(samples), new Uint8Array(trailingBytes)])
    const size = messageBytes ?? (fork ? Math.round(rate * CHUNK_SECONDS) * 2 : bytes.length)
    for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
  }

  const routes = (router: ConnectRouter) =>
    fork
      ? router.service(Fork, {
          async *inference(request, context) {
            const asked = {
              ...askedOf(ForkRequest, request, request.requestType),
              stream: request.stream,
              speed: request.speed,
            }
            for await (const ttsAudio of answer(asked, context)) {
              yield create(ForkResponse, { ttsAudio, format: request.format })
            }
          },
        })
      : router.service(Upstream, {
          async *inference(request, context) {
            for await (const ttsAudio of answer(
              askedOf(UpstreamRequest, request, request.RequestPayload),
              context,
            )) {
              yield create(UpstreamResponse, { ttsAudio })
            }
          },
        })

  const sockets = new Set<Socket>()
  const sessions = new Set<ServerHttp2Session>()
  const server: Http2Server = createServer(
    connectNodeAdapter({ routes, connect: false, grpcWeb: false, readMaxBytes: 200 * 1024 * 1024 }),
  )
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('session', (session) => {
    count.connections++
    sessions.add(session)
    session.on('error', () => {})
    session.once('close', () => sessions.delete(session))
  })
  const port = await listenOn(server, options.port)
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const session of sessions) session.destroy()
    })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    rate,
    calls,
    get running() {
      return count.running
    },
    get mostRunning() {
      return count.most
    },
    get refused() {
      return count.refused
    },
    get connections() {
      return count.connections
    },
    get connected() {
      return sockets.size
    },
    behave(behaviour) {
      common = { ...common, ...behaviour }
    },
    cut,
    hangUp() {
      for (const session of sessions) session.destroy()
    },
    goAway() {
      for (const session of sessions) session.close()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A request, whatever its dialect. */
interface Asked {
  readonly kind: string
  readonly fields: Readonly<Record<string, string>>
  readonly prompt: Bytes | undefined
  /** Bytes of the whole message. */
  readonly size: number
  readonly stream?: boolean
  readonly speed?: number
}

interface Choice {
  readonly case?: string | undefined
  readonly value?: object | undefined
}

/** Takes a request apart: which of several kinds it is, and the fields of both levels. */
function askedOf<Schema extends DescMessage>(
  schema: Schema,
  request: MessageShape<Schema>,
  choice: Choice,
): Asked {
  const all: [string, unknown][] = Object.entries({ ...request, ...choice.value })
  return {
    kind: choice.case ?? 'none',
    fields: Object.fromEntries(
      all.filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== '$typeName',
      ),
    ),
    prompt: all.map(([, value]) => value).find((value): value is Bytes => value instanceof Uint8Array),
    size: toBinary(schema, request).length,
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

const sleep = (ms: number): Promise<void> =>
  ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve()

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '50000' },
      dialect: { type: 'string', default: 'upstream' },
      model: { type: 'string', default: 'cosyvoice-300m-sft' },
      'first-byte-ms': { type: 'string', default: '0' },
      rtf: { type: 'string', default: '0' },
      'piece-chars': { type: 'string', default: '60' },
      'max-conc': { type: 'string', default: '4' },
    },
  })
  const { url } = await startCosyvoiceGrpcServer({
    port: Number(values.port),
    dialect: values.dialect as 'upstream',
    model: values.model as FakeModel,
    firstByteMs: Number(values['first-byte-ms']),
    rtf: Number(values.rtf),
    pieceChars: Number(values['piece-chars']),
    maxConc: Number(values['max-conc']),
  })
  process.stdout.write(`listening on ${url}\n`)
}
