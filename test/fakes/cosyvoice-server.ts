import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Bytes, Samples } from '../../src/speech.ts'
import { aloudOf, type FakeModel, piecesOf, presetsOf, rateOf, tone } from './cosyvoice-model.ts'
import { bytesOf, clamped, voiceOf, wrapped } from './cosyvoice-voice.ts'
import { patternPieces } from './pattern-voice.ts'
import { listenOn } from './port.ts'

/** Until what was sent has been read: a connection that is reset sooner may take it away. */
const READ_MS = 20

/** How it answers, beside what the model does by itself. */
export interface Behaviour {
  /** Time to the first piece, beside its share of `rtf`. @default 0 */
  readonly firstByteMs?: number | undefined
  /** Computing time by audio time. @default 0 */
  readonly rtf?: number | undefined
  /** Text is spoken in pieces, one HTTP chunk each: sentences joined until they are this long. @default 60 */
  readonly pieceChars?: number | undefined
  /** Cuts each piece into HTTP chunks of so many bytes, odd ones too. @default whole pieces */
  readonly chunkBytes?: number | undefined
  /** Closes the connection after so many bytes of audio, without the last chunk. */
  readonly cutAfterBytes?: number | undefined
  /** Sends no more after so many bytes of audio, and leaves the connection open. */
  readonly hangAfterBytes?: number | undefined
  /** Answers so at once instead. */
  readonly refuse?: Refusal | undefined
  /** Sent with the audio; upstream sends none. */
  readonly contentType?: string | undefined
  /** Peak level; 1 is full scale, and what is over it wraps. @default 0.3 */
  readonly level?: number | undefined
  /** Speaks for so long whatever the text, `Infinity` for ever. */
  readonly seconds?: number | undefined
  /** Takes the request and never answers: before the headers, or before the audio. */
  readonly hang?: 'headers' | 'audio' | undefined
}

export interface Refusal {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** @default 'Internal Server Error' */
  readonly body?: string
}

export interface CosyvoiceServerOptions extends Behaviour {
  /** @default a free one */
  readonly port?: number
  /** @default 'cosyvoice-300m-sft' */
  readonly model?: FakeModel
  /** Preset voices. @default those of the model */
  readonly voices?: readonly string[]
  /** Says a text piece by piece, one HTTP chunk each. @default tones, by sentences */
  readonly speak?: (text: string, options: SpeakOptions) => Iterable<Samples>
  /** How one call is answered; what it leaves out is as for all. */
  readonly behave?: (call: FakeCall) => Behaviour
  /** Holds a lock while a reply runs, as a fork does; an abandoned reply then never gives it back. @default false */
  readonly lock?: boolean
  /** How many calls run at once, like the server's worker threads. @default 40 */
  readonly threads?: number
}

interface SpeakOptions {
  /** Samples a second. */
  readonly rate: number
  readonly level: number
  readonly seconds: number | undefined
}

/** What is known of one call. Times are `performance.now()`. */
export interface FakeCall {
  readonly route: string
  readonly fields: Readonly<Record<string, string>>
  /** What it says: the text without the marks that a host obeys. */
  readonly text: string
  /** The recording that came with it. */
  readonly prompt: Bytes | undefined
  readonly headers: IncomingMessage['headers']
  readonly startedAt: number
  firstByteAt: number | undefined
  /** When it stopped computing, well or not. */
  finishedAt: number | undefined
  /** Whether the caller closed the connection before the end. */
  aborted: boolean
}

export interface CosyvoiceServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Samples a second of its replies. */
  readonly rate: number
  /** All calls that came as far as inference, in order. */
  readonly calls: readonly FakeCall[]
  /** How many replies are being computed. */
  readonly running: number
  readonly mostRunning: number
  /** Changes how later calls are answered. */
  behave(behaviour: Behaviour): void
  close(): Promise<void>
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  '/inference_sft': ['tts_text', 'spk_id'],
  '/inference_zero_shot': ['tts_text', 'prompt_text', 'prompt_wav'],
  '/inference_cross_lingual': ['tts_text', 'prompt_wav'],
  '/inference_instruct': ['tts_text', 'spk_id', 'instruct_text'],
  '/inference_instruct2': ['tts_text', 'instruct_text', 'prompt_wav'],
}

/** A server that answers as CosyVoice's FastAPI server does, its faults included. */
export async function startCosyvoiceServer(options: CosyvoiceServerOptions = {}): Promise<CosyvoiceServer> {
  const model = options.model ?? 'cosyvoice-300m-sft'
  const voices = options.voices ?? presetsOf(model)
  const rate = rateOf(model)
  const calls: FakeCall[] = []
  const threads = new Threads(options.lock ? 1 : (options.threads ?? 40))
  let common: Behaviour = options

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://host')
    const body = await read(request)
    const needed = FIELDS[pathname]
    if (!needed) return json(response, { status: 404, body: { detail: 'Not Found' } })
    const { fields, prompt } = await formOf(request, body)
    const missing = needed.filter((name) => (name === 'prompt_wav' ? !prompt : !fields[name]))
    if (missing.length > 0)
      return json(response, { status: 422, body: { detail: missing.map(missingField) } })
    if (prompt && !isPrompt(prompt)) return refuse(response, { status: 500 })

    const call: FakeCall = {
      route: pathname.slice(1),
      fields,
      text: aloudOf(fields.tts_text ?? ''),
      prompt,
      headers: request.headers,
      startedAt: performance.now(),
      firstByteAt: undefined,
      finishedAt: undefined,
      aborted: false,
    }
    calls.push(call)
    const behaviour = { ...common, ...options.behave?.(call) }
    if (behaviour.refuse) return refuse(response, behaviour.refuse)
    response.on('close', () => {
      call.aborted = !response.writableFinished && !wasCut.has(response)
    })
    if (behaviour.hang === 'headers') return
    response.writeHead(200, behaviour.contentType ? { 'content-type': behaviour.contentType } : {})
    response.flushHeaders() // before inference: the status says nothing
    if (behaviour.hang === 'audio') return
    await threads.take()
    const left = await infer(call, response, behaviour)
    call.finishedAt = performance.now()
    if (!(left && options.lock)) threads.give()
  }

  /** Computes and sends piece by piece; tells whether the caller left, which it notices between pieces only. */
  const infer = async (call: FakeCall, response: ServerResponse, behaviour: Behaviour): Promise<boolean> => {
    const { firstByteMs = 0, rtf = 0, cutAfterBytes = Infinity, hangAfterBytes = Infinity } = behaviour
    if (fails(call)) return cut(response)
    const stop = () => (cutAfterBytes <= hangAfterBytes ? cut(response) : closed(response))
    let room = Math.min(cutAfterBytes, hangAfterBytes)
    if (room === 0) return stop()
    for (const samples of audioOf(call, behaviour)) {
      await sleep((call.firstByteAt ? 0 : firstByteMs) + (rtf * samples.length * 1000) / rate)
      if (response.closed || response.destroyed) return true
      call.firstByteAt ??= performance.now()
      const bytes = bytesOf(samples).subarray(0, room)
      room -= bytes.length
      await send(response, bytes, behaviour.chunkBytes)
      if (room === 0) {
        await sleep(READ_MS)
        return stop()
      }
    }
    await orClosed(response, (done) => response.end(done))
    return !response.writableFinished
  }

  const fails = ({ route, fields }: FakeCall): boolean => {
    if (fields.spk_id !== undefined && !voices.includes(fields.spk_id)) return true
    if (route === 'inference_instruct') return model !== 'cosyvoice-300m-instruct'
    if (route === 'inference_instruct2')
      return model.startsWith('cosyvoice-300m') || lacksEnd(fields.instruct_text)
    if (route === 'inference_zero_shot') return lacksEnd(fields.prompt_text)
    return route === 'inference_cross_lingual' && lacksEnd(fields.tts_text)
  }
  /** Version 3 asserts the mark; version 2 would read the instruction aloud. */
  const lacksEnd = (text = ''): boolean => model === 'cosyvoice3' && !text.includes('<|endofprompt|>')

  function* audioOf(call: FakeCall, behaviour: Behaviour): Generator<Samples> {
    const { seconds, level = 0.3, pieceChars = 60 } = behaviour
    if (options.speak) return yield* options.speak(call.text, { rate, level, seconds })
    if (seconds !== undefined) return yield* tone(seconds, { rate, level })
    const { instruct_text: instruction = '' } = call.fields
    const aloud =
      model === 'cosyvoice2' && instruction && !instruction.includes('<|endofprompt|>') ? instruction : ''
    for (const piece of piecesOf(call.fields.tts_text ?? '', pieceChars)) yield spoken(aloud + piece, level)
  }

  // Kept, so that what is measured against this server is not its sines.
  const kept = new Map<string, Samples>()
  const spoken = (text: string, level: number): Samples => {
    const key = `${level} ${text}`
    const samples = kept.get(key) ?? (level > 1 ? wrapped : clamped)(voiceOf(text, { rate, level }))
    if (kept.size < 200) kept.set(key, samples)
    return samples
  }

  const port = await listenOn(server, options.port)
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    rate,
    calls,
    get running() {
      return threads.taken
    },
    get mostRunning() {
      return threads.most
    },
    behave(behaviour) {
      common = { ...common, ...behaviour }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The server's worker threads: so many at once, the others wait. */
class Threads {
  readonly #size: number
  readonly #waiting: (() => void)[] = []
  taken = 0
  most = 0

  constructor(size: number) {
    this.#size = size
  }

  async take(): Promise<void> {
    if (this.taken >= this.#size) return new Promise((resolve) => this.#waiting.push(resolve))
    this.taken++
    this.most = Math.max(this.most, this.taken)
  }

  give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.taken--
  }
}

async function send(response: ServerResponse, bytes: Bytes, chunkBytes = bytes.length): Promise<void> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const flowing = response.write(bytes.subarray(at, at + chunkBytes))
    if (chunkBytes < bytes.length) await new Promise((resolve) => setImmediate(resolve)) // else chunks are joined
    if (!flowing) await orClosed(response, (done) => response.once('drain', done))
  }
}

/** Waits for something that does not come once the connection is closed. */
function orClosed(response: ServerResponse, start: (done: () => void) => unknown): Promise<void> {
  if (response.closed || response.destroyed) return Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  response.once('close', resolve)
  start(resolve)
  return promise.finally(() => response.off('close', resolve))
}

/** Waits until the caller leaves, who then has. */
async function closed(response: ServerResponse): Promise<true> {
  await orClosed(response, () => {})
  return true
}

const wasCut = new WeakSet<ServerResponse>()

/** Ends the connection without the last chunk, after what was written. */
async function cut(response: ServerResponse): Promise<false> {
  await sleep(5)
  wasCut.add(response)
  response.destroy()
  return false
}

const missingField = (name: string) => ({
  type: 'missing',
  loc: ['body', name],
  msg: 'Field required',
  input: null,
})

function json(response: ServerResponse, { status, body }: { status: number; body: object }): void {
  refuse(response, { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

function refuse(response: ServerResponse, { status, headers, body }: Refusal): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers })
  response.end(body ?? 'Internal Server Error')
}

async function read(request: IncomingMessage): Promise<Bytes> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return new Uint8Array(Buffer.concat(parts))
}

/** Reads a form, urlencoded or multipart; of anything else FastAPI sees no fields. */
async function formOf(request: IncomingMessage, body: Bytes) {
  const type = request.headers['content-type'] ?? ''
  const fields: Record<string, string> = {}
  let prompt: Bytes | undefined
  if (!/^(multipart\/form-data|application\/x-www-form-urlencoded)/.test(type)) return { fields, prompt }
  const form = await new Response(body, { headers: { 'content-type': type } }).formData()
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value
    else prompt = new Uint8Array(await (value as File).arrayBuffer())
  }
  return { fields, prompt }
}

/** Whether it is a WAV of 16 kHz or more, at most 30 s long. */
function isPrompt(file: Bytes): boolean {
  if (file.length < 44 || new TextDecoder().decode(file.subarray(0, 4)) !== 'RIFF') return false
  const view = new DataView(file.buffer, file.byteOffset)
  return view.getUint32(24, true) >= 16_000 && (file.length - 44) / view.getUint32(28, true) <= 30
}

const sleep = (ms: number): Promise<void> =>
  ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve()

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '50000' },
      model: { type: 'string', default: 'cosyvoice-300m-sft' },
      'first-byte-ms': { type: 'string', default: '0' },
      rtf: { type: 'string', default: '0' },
      'piece-chars': { type: 'string', default: '60' },
      threads: { type: 'string', default: '40' },
      voice: { type: 'string', multiple: true },
      pattern: { type: 'boolean', default: false },
    },
  })
  const { url } = await startCosyvoiceServer({
    port: Number(values.port),
    model: values.model as FakeModel,
    firstByteMs: Number(values['first-byte-ms']),
    rtf: Number(values.rtf),
    pieceChars: Number(values['piece-chars']),
    threads: Number(values.threads),
    ...(values.voice && { voices: values.voice }),
    ...(values.pattern && { speak: patternPieces }),
  })
  process.stdout.write(`listening on ${url}\n`)
}
