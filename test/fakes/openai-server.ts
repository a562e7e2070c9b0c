import { wavHeader } from '../../src/pcm/formats/wav.ts'
import { joinSamples } from '../../src/pcm/join-samples.ts'
import type { Bytes, Samples } from '../../src/speech.ts'
import { bytesOf, heardOf, type Speak } from './cosyvoice-voice.ts'
import {
  type HttpCall,
  type HttpServer,
  type HttpServerOptions,
  type Refusal,
  type Reply,
  startHttpServer,
  type Trouble,
} from './http-server.ts'
import { wavOf } from './recording.ts'

/** Whose habits it has. */
export type Flavour =
  | 'openai'
  | 'vllm-omni'
  | 'vllm-omni-old'
  | 'sglang-omni'
  | 'kokoro'
  | 'cosyvoice.cpp'
  | 'cosyvoice-api'

export interface OpenaiBehaviour extends Trouble {
  /** Computing time by audio time. @default 0 */
  readonly rtf?: number | undefined
  /** Text is spoken in pieces of so many characters. @default 20 */
  readonly pieceChars?: number | undefined
  /** Says in place of the last piece that it has failed, as far as its way of replying lets it. */
  readonly failLate?: boolean | undefined
}

export interface OpenaiServerOptions extends OpenaiBehaviour, HttpServerOptions {
  /** @default 'openai' */
  readonly flavour?: Flavour
  /** @default ['v'] */
  readonly voices?: readonly string[]
  /** Its model's name. @default 'tts' */
  readonly model?: string
  /** Asked for when given. */
  readonly apiKey?: string
  /** How many calls it takes at once (cosyvoice.cpp); it has no queue. @default Infinity */
  readonly concurrency?: number
  /** Says a text piece by piece. @default tones, by `pieceChars` */
  readonly speak?: Speak
  /** What trouble one call has; what it leaves out is as for all. */
  readonly behave?: (call: HttpCall) => Trouble
}

export interface OpenaiServer extends HttpServer {
  /** Changes how later calls are answered. */
  behave(behaviour: OpenaiBehaviour): void
}

interface Habits {
  readonly defaultFormat: string
  readonly rate: number
  /** Fields that it knows; any when absent. */
  readonly fields?: ReadonlySet<string>
  readonly pcmType: string
  readonly wavType: string
  /** What it writes for a size that it does not know. */
  readonly openSize: number
  /** How it answers a good request. */
  shape(body: Body): Shape
  /** Its way of writing an error. */
  error(options: { status: number; message: string; code: string }): Refusal
}

type Shape = 'stream' | 'whole' | 'sse' | 'sse-wavs'
type Body = Readonly<Record<string, unknown>>

const OPENAI_FIELDS = ['model', 'input', 'voice', 'instructions', 'response_format', 'speed', 'stream_format']

const openaiError: Habits['error'] = ({ status, message, code }) => ({
  status,
  body: { error: { message, type: 'invalid_request_error', param: null, code } },
})

const OPENAI: Habits = {
  defaultFormat: 'mp3',
  rate: 24_000,
  fields: new Set(OPENAI_FIELDS),
  pcmType: 'audio/pcm',
  wavType: 'audio/wav',
  openSize: 0xffffffff,
  shape: ({ model, stream_format }) => (stream_format === 'sse' && model !== 'tts-1' ? 'sse' : 'stream'),
  error: openaiError,
}

const VLLM: Habits = {
  ...OPENAI,
  defaultFormat: 'wav',
  fields: undefined as never,
  shape: ({ stream, stream_format }) => {
    if (stream_format === 'audio') return 'stream'
    return stream || stream_format === 'sse' ? 'sse' : 'whole'
  },
}

const HABITS: Readonly<Record<Flavour, Habits>> = {
  openai: OPENAI,
  'vllm-omni': VLLM,
  // Before events came: `stream` alone counts.
  'vllm-omni-old': { ...VLLM, shape: ({ stream }) => (stream ? 'stream' : 'whole') },
  'sglang-omni': {
    ...VLLM,
    pcmType: 'audio/pcm',
    shape: ({ stream, stream_format }) => {
      if (!stream) return 'whole'
      return stream_format === 'audio' ? 'stream' : 'sse-wavs'
    },
  },
  kokoro: {
    ...VLLM,
    defaultFormat: 'mp3',
    shape: ({ stream }) => (stream === false ? 'whole' : 'stream'),
    error: ({ status, message, code }) => ({
      status,
      body: { detail: { error: code, message, type: 'invalid_request_error' } },
    }),
  },
  'cosyvoice.cpp': {
    ...VLLM,
    defaultFormat: 'mp3',
    pcmType: 'audio/L16; rate=24000; channels=1',
    openSize: 0x7fffffff,
    shape: ({ stream }) => (stream ? 'stream' : 'whole'),
  },
  // Flask: always a whole WAV, whatever was asked for.
  'cosyvoice-api': {
    ...VLLM,
    defaultFormat: 'wav',
    rate: 22_050,
    wavType: 'audio/x-wav',
    shape: () => 'whole',
    error: ({ status, message }) => ({ status, body: { error: message } }),
  },
}

/** A server that answers `/v1/audio/speech` as one of its kind does. */
export async function startOpenaiServer(options: OpenaiServerOptions = {}): Promise<OpenaiServer> {
  const { flavour = 'openai', voices = ['v'], model = 'tts', apiKey, concurrency = Infinity } = options
  const habits = HABITS[flavour]
  let behaviour: OpenaiBehaviour = options

  const refusalOf = ({ call }: Reply): Refusal | undefined => {
    const { body, path, headers } = call
    const unknown = Object.keys(body).find((field) => habits.fields && !habits.fields.has(field))
    const refuse = (status: number, message: string, code: string) => habits.error({ status, message, code })
    if (path !== '/v1/audio/speech') return refuse(404, 'Not Found', 'not_found')
    if (apiKey && headers.authorization !== `Bearer ${apiKey}`) {
      return refuse(401, 'Incorrect API key provided', 'invalid_api_key')
    }
    if (unknown) return refuse(400, `Unrecognized request argument supplied: ${unknown}`, 'unknown_parameter')
    if (body.model !== model)
      return refuse(404, `The model '${body.model}' does not exist`, 'model_not_found')
    if (!voices.includes(String(body.voice))) return refuse(400, `No voice ${body.voice}`, 'invalid_voice')
    if (server.running > concurrency) return refuse(503, 'Server overloaded', 'server_overloaded')
    const isStreamed = habits.shape(body) !== 'whole'
    if (habits === VLLM && isStreamed && (body.speed ?? 1) !== 1) {
      return refuse(400, 'speed must be 1.0 when streaming', 'bad_request')
    }
    return undefined
  }

  const tones: Speak = (text, voice) =>
    split(text, behaviour.pieceChars ?? 20).map((piece) => heardOf(piece, voice))
  const { speak = tones } = options

  const answer = async (reply: Reply): Promise<void> => {
    const refusal = refusalOf(reply)
    if (refusal) return reply.refuse(refusal)
    const { body } = reply.call
    const format = flavour === 'cosyvoice-api' ? 'wav' : String(body.response_format ?? habits.defaultFormat)
    if (format !== 'wav' && format !== 'pcm') return sendMp3(reply)
    const say: Say = {
      pieces: [...speak(String(body.input), { rate: habits.rate })],
      format,
      habits,
      behaviour,
    }
    const shape = habits.shape(body)
    if (shape === 'whole') return sendWhole(reply, say)
    return shape === 'stream' ? sendStream(reply, say) : sendEvents(reply, { ...say, shape })
  }

  const server = await startHttpServer(
    answer,
    (call) => ({ ...behaviour, ...options.behave?.(call) }),
    options,
  )
  return Object.defineProperty(server as OpenaiServer, 'behave', {
    value: (change: OpenaiBehaviour) => {
      behaviour = { ...behaviour, ...change }
    },
  })
}

interface Say {
  readonly pieces: readonly Samples[]
  readonly format: 'wav' | 'pcm'
  readonly habits: Habits
  readonly behaviour: OpenaiBehaviour
}

const typeOf = ({ format, habits }: Say) => (format === 'wav' ? habits.wavType : habits.pcmType)

const waitOf = ({ behaviour, habits }: Say, { length }: Samples) =>
  ((behaviour.rtf ?? 0) * length * 1_000) / habits.rate

async function sendWhole(reply: Reply, say: Say): Promise<void> {
  const samples = say.pieces.reduce((all, piece) => joinSamples(all, piece), new Int16Array(0))
  const bytes = say.format === 'wav' ? wavOf(samples, say.habits.rate) : bytesOf(samples)
  await new Promise((resolve) => setTimeout(resolve, waitOf(say, samples)))
  await reply.head({ 'content-type': typeOf(say), 'content-length': String(bytes.length) })
  if (await reply.write(bytes)) await reply.end()
}

async function sendStream(reply: Reply, say: Say): Promise<void> {
  await reply.head({ 'content-type': typeOf(say) })
  if (say.format === 'wav') await reply.write(openHeader(say.habits))
  for (const [i, piece] of say.pieces.entries()) {
    if (say.behaviour.failLate && i === say.pieces.length - 1) return reply.cut()
    if (!(await reply.write(bytesOf(piece), waitOf(say, piece)))) return
  }
  await reply.end()
}

/** vllm-omni's events carry parts of one file; sglang-omni's whole files, and another ending. */
async function sendEvents(reply: Reply, say: Say & { readonly shape: 'sse' | 'sse-wavs' }): Promise<void> {
  const isWavs = say.shape === 'sse-wavs'
  await reply.head({ 'content-type': 'text/event-stream; charset=utf-8' })
  await reply.write(': ok\n\n')
  const send = (type: string, rest: object, waitMs = 0) =>
    reply.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`, waitMs)
  for (const [i, piece] of say.pieces.entries()) {
    if (say.behaviour.failLate && i === say.pieces.length - 1) {
      await send('speech.audio.error', { error: { message: 'Engine died', type: 'server_error', code: 500 } })
      return reply.end()
    }
    const bytes = isWavs ? wavOf(piece, say.habits.rate) : bytesOf(piece)
    const head = i === 0 && say.format === 'wav' && !isWavs ? openHeader(say.habits) : new Uint8Array(0)
    const data = Buffer.concat([head, bytes]).toString('base64')
    const audio = isWavs ? { data, format: 'wav' } : data
    const wait = waitOf(say, piece)
    const isThere = isWavs
      ? await reply.write(`data: ${JSON.stringify({ index: i, audio })}\n\n`, wait)
      : await send('speech.audio.delta', { audio, response_format: say.format }, wait)
    if (!isThere) return
  }
  if (isWavs) await reply.write('data: [DONE]\n\n')
  else await send('speech.audio.done', { usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } })
  await reply.end()
}

async function sendMp3(reply: Reply): Promise<void> {
  await reply.head({ 'content-type': 'audio/mpeg' })
  await reply.write(Uint8Array.of(0xff, 0xfb, 0x90, 0x64, ...new Uint8Array(400)))
  await reply.end()
}

function openHeader({ rate, openSize }: Habits): Bytes {
  const header = wavHeader({ rate })
  new DataView(header.buffer).setUint32(4, openSize, true)
  new DataView(header.buffer).setUint32(40, openSize, true)
  return header
}

const split = (text: string, size: number): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size))
