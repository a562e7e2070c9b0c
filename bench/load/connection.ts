import type { Socket } from 'bun'
import { MessageReader } from './message-reader.ts'

/** One reply, as far as a load needs to know it. Times are from the request, in milliseconds. */
export interface Heard {
  /** 0 when the connection was refused or cut. */
  readonly status: number
  /** To the first byte of the body. */
  readonly firstMs: number
  readonly totalMs: number
  readonly bytes: number
  /** What the reply said of when to come again, in seconds. */
  readonly retryAfter: number | undefined
}

export interface AskOptions {
  /** Told of each piece of body as it comes. */
  readonly onBytes?: ((count: number) => void) | undefined
}

/** A kept connection that asks one thing at a time: a plain socket, so that the load costs little beside what it loads. */
export class Connection {
  /** Whether it can be asked again. */
  isOpen = false
  #socket: Socket<undefined> | undefined
  #current: Asked | undefined
  readonly #reader = new MessageReader({
    head: (line, header) => this.#current?.head(line, header('retry-after')),
    body: (bytes) => this.#current?.body(bytes.length),
    end: () => this.#end(),
  })

  static async open(port: number): Promise<Connection> {
    const connection = new Connection()
    const gone = () => connection.#gone()
    connection.#socket = await Bun.connect<undefined>({
      hostname: '127.0.0.1',
      port,
      socket: { data: (_, bytes) => connection.#reader.take(bytes), close: gone, end: gone, error: gone },
    })
    connection.isOpen = true
    return connection
  }

  /** Sends a whole request; resolves when its reply has ended, whatever it was. */
  ask(request: Uint8Array, { onBytes }: AskOptions = {}): Promise<Heard> {
    const { promise, resolve } = Promise.withResolvers<Heard>()
    this.#current = new Asked(resolve, onBytes)
    if (!this.isOpen || this.#socket!.write(request) < request.length) this.#gone()
    return promise
  }

  close(): void {
    this.isOpen = false
    this.#socket?.terminate()
  }

  #end(): void {
    const asked = this.#current
    this.#current = undefined
    asked?.end()
  }

  #gone(): void {
    this.isOpen = false
    const asked = this.#current
    this.#current = undefined
    asked?.cut()
  }
}

class Asked {
  readonly #resolve: (heard: Heard) => void
  readonly #onBytes: ((count: number) => void) | undefined
  readonly #began = performance.now()
  #firstMs = 0
  #bytes = 0
  #status = 0
  #retryAfter: number | undefined

  constructor(resolve: (heard: Heard) => void, onBytes: ((count: number) => void) | undefined) {
    this.#resolve = resolve
    this.#onBytes = onBytes
  }

  head(line: string, retryAfter: string | undefined): void {
    this.#status = Number(line.slice(9, 12))
    this.#retryAfter = retryAfter === undefined ? undefined : Number(retryAfter)
  }

  body(count: number): void {
    this.#firstMs ||= performance.now() - this.#began
    this.#bytes += count
    this.#onBytes?.(count)
  }

  end(): void {
    const totalMs = performance.now() - this.#began
    this.#resolve({
      status: this.#status,
      firstMs: this.#firstMs || totalMs,
      totalMs,
      bytes: this.#bytes,
      retryAfter: this.#retryAfter,
    })
  }

  cut(): void {
    this.#status = 0
    this.end()
  }
}

/** Asks over connections that are kept, opening one more when all are busy. */
export class Connections {
  readonly #port: number
  readonly #idle: Connection[] = []
  readonly #isKept: boolean

  /** `keep: false` opens one for each request, as callers who do not know each other do. */
  constructor(port: number, { keep = true }: { readonly keep?: boolean } = {}) {
    this.#port = port
    this.#isKept = keep
  }

  async ask(request: Uint8Array, options: AskOptions = {}): Promise<Heard> {
    const began = performance.now()
    const connection = this.#take() ?? (await Connection.open(this.#port).catch(() => undefined))
    if (!connection) return NOBODY
    const openMs = performance.now() - began
    const heard = await connection.ask(request, options)
    if (connection.isOpen && this.#isKept) this.#idle.push(connection)
    else connection.close()
    return { ...heard, firstMs: heard.firstMs + openMs, totalMs: heard.totalMs + openMs }
  }

  close(): void {
    for (const connection of this.#idle.splice(0)) connection.close()
  }

  #take(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.isOpen) return connection
    }
    return undefined
  }
}

const NOBODY: Heard = { status: 0, firstMs: 0, totalMs: 0, bytes: 0, retryAfter: undefined }
