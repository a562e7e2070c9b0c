import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Bytes } from '../../src/speech.ts'
import { listenOn } from './port.ts'

/** What any host over HTTP may do instead of what it should. */
export interface Trouble {
  /** Time before the first byte. @default 0 */
  readonly firstByteMs?: number | undefined
  /** Closes the connection after so many bytes of the reply's body. */
  readonly cutAfterBytes?: number | undefined
  /** Answers so at once instead. */
  readonly refuse?: Refusal | undefined
  /** Takes the request and never answers: before the headers, or before the body. */
  readonly hang?: 'headers' | 'body' | undefined
  /** Cuts the body into chunks of so many bytes. */
  readonly chunkBytes?: number | undefined
  /** Sent instead of the type that it would. */
  readonly contentType?: string | undefined
}

export interface Refusal {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | object
}

/** What is known of one call. */
export interface HttpCall {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Readonly<Record<string, unknown>>
  /** Whether the caller closed the connection before the end. */
  aborted: boolean
  finished: boolean
}

/** One reply as it is written. */
export interface Reply {
  readonly call: HttpCall
  head(headers: Readonly<Record<string, string>>): Promise<void>
  /** Sends bytes after so long; tells whether there is somebody left to send more to. */
  write(bytes: Bytes | string, waitMs?: number): Promise<boolean>
  end(): Promise<void>
  refuse(refusal: Refusal): void
  cut(): Promise<void>
}

export interface HttpServer extends AsyncDisposable {
  readonly url: string
  readonly calls: readonly HttpCall[]
  /** How many calls are being answered. */
  readonly running: number
  readonly mostRunning: number
  close(): Promise<void>
}

export interface HttpServerOptions {
  /** @default a free one */
  readonly port?: number | undefined
}

/** A server whose JSON posts are answered by a function, with the trouble that it is told to make. */
export async function startHttpServer(
  answer: (reply: Reply) => Promise<void>,
  trouble: (call: HttpCall) => Trouble,
  options: HttpServerOptions = {},
): Promise<HttpServer> {
  const calls: HttpCall[] = []
  const count = { now: 0, most: 0 }
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = JSON.parse(Buffer.concat(parts).toString() || '{}')
    const call: HttpCall = {
      path: request.url ?? '',
      headers: request.headers,
      body,
      aborted: false,
      finished: false,
    }
    calls.push(call)
    const { refuse, hang, ...rest } = trouble(call)
    const reply = new ServerReply(call, response, rest)
    if (refuse) return reply.refuse(refuse)
    count.now++
    count.most = Math.max(count.most, count.now)
    try {
      if (hang === 'headers') return await new Promise<void>((resolve) => response.once('close', resolve))
      if (hang === 'body') {
        response.writeHead(200, { 'content-type': rest.contentType ?? 'audio/pcm' }).flushHeaders()
        return await new Promise<void>((resolve) => response.once('close', resolve))
      }
      await answer(reply)
    } finally {
      count.now--
    }
  }

  const port = await listenOn(server, options.port)
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    get running() {
      return count.now
    },
    get mostRunning() {
      return count.most
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

class ServerReply implements Reply {
  readonly call: HttpCall
  readonly #response: ServerResponse
  readonly #trouble: Trouble
  #room: number
  #isCut = false

  constructor(call: HttpCall, response: ServerResponse, trouble: Trouble) {
    this.call = call
    this.#response = response
    this.#trouble = trouble
    this.#room = trouble.cutAfterBytes ?? Number.POSITIVE_INFINITY
    response.on('close', () => {
      call.aborted = !response.writableFinished && !this.#isCut
    })
  }

  async head(headers: Readonly<Record<string, string>>): Promise<void> {
    await sleep(this.#trouble.firstByteMs ?? 0)
    const { contentType } = this.#trouble
    this.#response.writeHead(200, {
      ...headers,
      ...(contentType !== undefined && { 'content-type': contentType }),
    })
    this.#response.flushHeaders()
  }

  async write(data: Bytes | string, waitMs = 0): Promise<boolean> {
    await sleep(waitMs)
    const bytes = new Uint8Array(Buffer.from(data as Bytes)).subarray(0, this.#room)
    this.#room -= bytes.length
    const size = this.#trouble.chunkBytes ?? Math.max(1, bytes.length)
    for (let at = 0; at < bytes.length; at += size) {
      if (this.#isGone) return false
      const isFlowing = this.#response.write(bytes.subarray(at, at + size))
      if (size < bytes.length) await new Promise((resolve) => setImmediate(resolve)) // else chunks are joined
      if (!isFlowing) await this.#orClosed((done) => this.#response.once('drain', done))
    }
    if (this.#room === 0) await this.cut()
    return !this.#isGone
  }

  async end(): Promise<void> {
    if (this.#isGone) return
    await this.#orClosed((done) => this.#response.end(done))
    this.call.finished = this.#response.writableFinished
  }

  refuse({ status, headers, body = 'Internal Server Error' }: Refusal): void {
    const isText = typeof body === 'string'
    const type = isText ? 'text/plain; charset=utf-8' : 'application/json'
    this.#response.writeHead(status, { 'content-type': type, ...headers })
    this.#response.end(isText ? body : JSON.stringify(body))
  }

  /** Ends the connection after what was written, without the last chunk. */
  async cut(): Promise<void> {
    await sleep(5)
    this.#isCut = true
    this.#response.destroy()
  }

  get #isGone(): boolean {
    return this.#isCut || this.#response.closed || this.#response.destroyed
  }

  /** Waits for something that does not come once the connection is closed. */
  #orClosed(start: (done: () => void) => unknown): Promise<void> {
    if (this.#isGone) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#response.once('close', resolve)
    start(resolve)
    return promise.finally(() => this.#response.off('close', resolve))
  }
}

const sleep = (ms: number): Promise<void> =>
  ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve()
