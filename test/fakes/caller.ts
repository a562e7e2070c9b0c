import { connect, type Socket } from 'node:net'
import type { Bytes } from '../../src/speech.ts'

/** What one caller got. */
export interface Heard {
  /** 0 when no reply began. */
  readonly status: number
  readonly headers: Headers
  readonly body: Bytes
  /** Whether the body came to the end that HTTP gives it. */
  readonly ended: boolean
}

export interface CallerOptions {
  readonly port: number
  readonly body: object
  /** How long all of it may take: a request that hangs is an error. @default 15000 */
  readonly patienceMs?: number
}

/**
 * A caller on a socket of their own, who can tell a reply that ended from one that was cut, stop reading, and leave in
 * any way. `fetch` can do none of it well, and on Bun shares its 256 connections with sotto in the same process.
 */
export class Caller {
  /** Resolves at the end of the reply, well or not; rejects when there is none in time. */
  readonly heard: Promise<Heard>
  readonly #socket: Socket
  readonly #reply = new Reply()
  #changed = Promise.withResolvers<void>()

  constructor({ port, body, patienceMs = 15_000 }: CallerOptions) {
    const text = JSON.stringify(body)
    const { promise, resolve, reject } = Promise.withResolvers<Heard>()
    this.heard = promise
    promise.catch(() => {}) // for whoever asks
    this.#socket = connect({ port, host: '127.0.0.1' })
    const timer = setTimeout(() => {
      reject(new Error(`No end of the reply within ${patienceMs} ms: ${this.#reply}`))
      this.#socket.destroy()
    }, patienceMs)
    this.#socket.write(
      `POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    )
    this.#socket.on('data', (chunk) => {
      this.#reply.push(chunk as Buffer)
      this.#notify()
      if (this.#reply.ended) this.#socket.destroy()
    })
    this.#socket.on('error', () => {}) // `close` follows
    this.#socket.on('end', () => this.#socket.destroy())
    this.#socket.on('close', () => {
      clearTimeout(timer)
      this.#notify()
      resolve(this.#reply.heard)
    })
  }

  /** Resolves once so many bytes of the body have come; rejects when the reply ends with fewer. */
  async until(bytes: number): Promise<void> {
    while (this.#reply.size < bytes) {
      if (this.#socket.destroyed) throw new Error(`The reply ended before ${bytes} bytes: ${this.#reply}`)
      await this.#changed.promise
    }
  }

  /** Reads no more. */
  stall(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  leave(how: 'destroy' | 'end' | 'resetAndDestroy' = 'destroy'): void {
    this.#socket[how]()
    if (how === 'end') this.#socket.resume() // its own end is seen
  }

  #notify(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

/** Reads HTTP/1.1 as it comes. */
class Reply {
  #rest: Buffer = Buffer.alloc(0)
  #head: { readonly status: number; readonly headers: Headers } | undefined
  readonly #parts: Buffer[] = []
  size = 0
  ended = false

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    if (!this.#head && !this.#readHead()) return
    if (this.#head?.headers.get('transfer-encoding') === 'chunked') while (this.#readChunk());
    else this.#readSized(Number(this.#head?.headers.get('content-length') ?? Infinity))
  }

  get heard(): Heard {
    const { status = 0, headers = new Headers() } = this.#head ?? {}
    return { status, headers, body: new Uint8Array(Buffer.concat(this.#parts)), ended: this.ended }
  }

  toString(): string {
    return this.#head ? `status ${this.#head.status}, ${this.size} bytes` : 'nothing came'
  }

  #readHead(): boolean {
    const at = this.#rest.indexOf('\r\n\r\n')
    if (at < 0) return false
    const [first = '', ...lines] = this.#rest.subarray(0, at).toString('latin1').split('\r\n')
    const headers = new Headers(lines.map((line) => line.split(/: */, 2) as [string, string]))
    this.#head = { status: Number(first.split(' ')[1]), headers }
    this.#rest = this.#rest.subarray(at + 4)
    return true
  }

  #readChunk(): boolean {
    const at = this.#rest.indexOf('\r\n')
    const size = at < 0 ? Number.NaN : Number.parseInt(this.#rest.subarray(0, at).toString('latin1'), 16)
    if (Number.isNaN(size) || this.#rest.length < at + 2 + size + 2) return false
    if (size === 0) this.ended = true
    this.#take(this.#rest.subarray(at + 2, at + 2 + size))
    this.#rest = this.#rest.subarray(at + 2 + size + 2)
    return size > 0
  }

  #readSized(length: number): void {
    this.#take(this.#rest)
    this.#rest = Buffer.alloc(0)
    this.ended = this.size >= length
  }

  #take(bytes: Buffer): void {
    this.#parts.push(bytes)
    this.size += bytes.length
  }
}
