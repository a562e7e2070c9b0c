import { bytesOf, heardOf } from './cosyvoice-voice.ts'
import {
  type HttpCall,
  type HttpServer,
  type HttpServerOptions,
  type Reply,
  startHttpServer,
  type Trouble,
} from './http-server.ts'
import { wavOf } from './recording.ts'

/** The ways in which such servers answer. */
export type BatchShape = 'strings' | 'objects' | 'results' | 'out-of-order' | 'multipart' | 'form-data'

export interface BatchBehaviour extends Trouble {
  /** @default 'objects' */
  readonly shape?: BatchShape | undefined
  /** What the audio is. @default 'wav' */
  readonly format?: 'wav' | 'pcm' | undefined
  /** Time for each call, beside `perTextMs`. @default 0 */
  readonly fixedMs?: number | undefined
  /** @default 0 */
  readonly perTextMs?: number | undefined
  /** Texts that it cannot say. */
  readonly fails?: ((text: string) => boolean | string) | undefined
  /** How many results more than texts it sends; fewer when negative. @default 0 */
  readonly surplus?: number | undefined
}

export interface BatchServerOptions extends BatchBehaviour, HttpServerOptions {
  /** @default ['v'] */
  readonly voices?: readonly string[]
  /** Samples a second. @default 24000 */
  readonly rate?: number
  /** Most texts that it takes. @default 64 */
  readonly maxBatch?: number
  /** What it says for a text. @default tones */
  readonly speak?: typeof heardOf
  /** What trouble one call has; what it leaves out is as for all. */
  readonly behave?: (call: HttpCall) => Trouble
}

export interface BatchServer extends HttpServer {
  /** Changes how later calls are answered. */
  behave(behaviour: BatchBehaviour): void
}

const BOUNDARY = 'sotto-part'

/** A server that takes `{texts: […], voice}` and says them all in one call. */
export async function startBatchServer(options: BatchServerOptions = {}): Promise<BatchServer> {
  const { voices = ['v'], rate = 24_000, maxBatch = 64, speak = heardOf } = options
  let behaviour: BatchBehaviour = options

  const answer = async (reply: Reply): Promise<void> => {
    const { texts, voice } = reply.call.body as { texts?: readonly string[]; voice?: string }
    if (!Array.isArray(texts) || texts.length === 0 || texts.length > maxBatch) {
      const detail = [{ loc: ['body', 'texts'], msg: `must be 1 to ${maxBatch}`, input: texts }]
      return reply.refuse({ status: 422, body: { detail } })
    }
    if (!voices.includes(String(voice)))
      return reply.refuse({ status: 404, body: { error: 'no such voice' } })
    const { fixedMs = 0, perTextMs = 0, shape = 'objects', surplus = 0 } = behaviour
    await new Promise((resolve) => setTimeout(resolve, fixedMs + perTextMs * texts.length))
    const items = texts.map(itemOf)
    while (items.length > texts.length + surplus) items.pop()
    while (items.length < texts.length + surplus) items.push(itemOf('More.'))
    return shape === 'multipart' || shape === 'form-data'
      ? sendParts(reply, { items, shape, type: behaviour.format === 'pcm' ? 'audio/pcm' : 'audio/wav' })
      : sendJson(reply, { items, shape })
  }

  const itemOf = (text: string): Item => {
    const failure = behaviour.fails?.(text)
    if (failure) return { error: failure === true ? 'CUDA out of memory' : failure }
    const samples = speak(text, { rate })
    return { bytes: behaviour.format === 'pcm' ? bytesOf(samples) : wavOf(samples, rate) }
  }

  const server = await startHttpServer(
    answer,
    (call) => ({ ...behaviour, ...options.behave?.(call) }),
    options,
  )
  return Object.defineProperty(server as BatchServer, 'behave', {
    value: (change: BatchBehaviour) => {
      behaviour = { ...behaviour, ...change }
    },
  })
}

type Item = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly error: string }

async function sendJson(
  reply: Reply,
  { items, shape }: { items: readonly Item[]; shape: BatchShape },
): Promise<void> {
  const list = items.map((item, index) => {
    if ('error' in item) return { index, error: item.error }
    const audio = Buffer.from(item.bytes).toString('base64')
    return shape === 'strings' ? audio : { index, audio }
  })
  if (shape === 'out-of-order') list.reverse()
  await reply.head({ 'content-type': 'application/json' })
  await reply.write(JSON.stringify(shape === 'results' ? { results: list } : list))
  await reply.end()
}

async function sendParts(
  reply: Reply,
  { items, shape, type }: { items: readonly Item[]; shape: 'multipart' | 'form-data'; type: string },
): Promise<void> {
  const kind = shape === 'form-data' ? 'form-data' : 'mixed'
  await reply.head({ 'content-type': `multipart/${kind}; boundary="${BOUNDARY}"` })
  for (const [i, item] of items.entries()) {
    const name =
      shape === 'form-data' ? `content-disposition: form-data; name="${i}"; filename="${i}.wav"\r\n` : ''
    const isError = 'error' in item
    await reply.write(`--${BOUNDARY}\r\n${name}Content-Type: ${isError ? 'application/json' : type}\r\n\r\n`)
    await reply.write(isError ? JSON.stringify({ error: item.error }) : item.bytes)
    await reply.write('\r\n')
  }
  await reply.write(`--${BOUNDARY}--\r\n`)
  await reply.end()
}
