import { Code, ConnectError, type Transport } from '@connectrpc/connect'
import { createGrpcTransport, type GrpcTransportOptions, Http2SessionManager } from '@connectrpc/connect-node'

const CLOSED = new ConnectError('Connection closed', Code.Unavailable)

export interface ConnectionOptions {
  readonly maxMessageBytes: number
  /** Silence after which a connection with calls on it is pinged, in milliseconds. */
  readonly keepAliveMs: number
  /** How long an answer to a ping may take, in milliseconds. */
  readonly connectMs: number
}

/**
 * One HTTP/2 connection to a host, shared by all calls: made when first asked for, made again once it has died. One
 * that has been silent for long is tried before it is used.
 */
export class Connection {
  readonly #url: string
  readonly #options: ConnectionOptions
  readonly #retired = new Set<Http2SessionManager>()
  #sessions: Http2SessionManager
  #transport: Transport

  constructor(url: string, options: ConnectionOptions) {
    this.#url = url
    this.#options = options
    this.#sessions = this.#newSessions()
    this.#transport = this.#newTransport()
  }

  get transport(): Transport {
    return this.#transport
  }

  /** Leaves running calls where they are; later ones go over a new connection. */
  retire(): void {
    for (const old of this.#retired) {
      if (old.state() === 'open') continue
      old.abort(CLOSED)
      this.#retired.delete(old)
    }
    this.#retired.add(this.#sessions)
    this.#sessions = this.#newSessions()
    this.#transport = this.#newTransport()
  }

  /** Ends all that runs; a later call connects anew. */
  close(): void {
    for (const sessions of [this.#sessions, ...this.#retired]) sessions.abort(CLOSED)
    this.#retired.clear()
  }

  #newSessions(): Http2SessionManager {
    const { keepAliveMs, connectMs } = this.#options
    return new Http2SessionManager(this.#url, { pingIntervalMs: keepAliveMs, pingTimeoutMs: connectMs })
  }

  #newTransport(): Transport {
    return createGrpcTransport({
      baseUrl: this.#url,
      sessionManager: answering(this.#sessions),
      readMaxBytes: this.#options.maxMessageBytes,
      acceptCompression: [], // speech does not get smaller
    })
  }
}

type Sessions = NonNullable<GrpcTransportOptions['sessionManager']>

/** Fails a call whose connection is closed in good order before any answer: Connect would wait for it for ever. */
const answering = (sessions: Http2SessionManager): Sessions => ({
  authority: sessions.authority,
  notifyResponseByteRead: (stream) => sessions.notifyResponseByteRead(stream),
  async request(method, path, headers, options) {
    const stream = await sessions.request(method, path, headers, options)
    const unanswered = () => stream.emit('error', new ConnectError('Closed without an answer', Code.Aborted))
    stream.once('response', () => stream.off('close', unanswered))
    stream.once('close', unanswered)
    return stream
  },
})
