import { createHash } from 'node:crypto'
import { connect } from 'node:net'

export interface Listener {
  /** Begins to read, or reads on. */
  resume(): void
  pause(): void
  /** The SHA-256 of the reply's body, once it has ended; rejects when it was cut. */
  readonly digest: Promise<string>
  leave(): void
}

export interface ListenOptions {
  readonly port: number
  /** Told how many bytes of body have just been read. */
  readonly onBytes?: (count: number) => void
}

/** Asks for speech over a plain socket, since a client would read ahead; reads nothing until `resume()`. */
export function listen(body: object, { port, onBytes = () => {} }: ListenOptions): Listener {
  const socket = connect({ port, host: '127.0.0.1' })
  const json = JSON.stringify(body)
  socket.write(
    `POST /v1/audio/speech HTTP/1.1\r\nhost: sotto\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
  )
  socket.pause()
  const reply = new Reply()
  const hash = createHash('sha256')
  const digest = new Promise<string>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      for (const part of reply.take(chunk)) {
        hash.update(part)
        onBytes(part.length)
      }
    })
    socket.on('end', () => (reply.isWhole ? resolve(hash.digest('hex')) : reject(new Error('Reply was cut'))))
    socket.on('error', reject)
  })
  digest.catch(() => {}) // whoever asks is told
  return {
    resume: () => void socket.resume(),
    pause: () => void socket.pause(),
    digest,
    leave: () => void socket.destroy(),
  }
}

/** Takes an HTTP reply apart: the head and the sizes of chunks away from the body. */
class Reply {
  /** True once the last chunk, which is empty, has come. */
  isWhole = false
  #rest: Buffer = Buffer.alloc(0)
  #end = '\r\n\r\n'
  #left = 0

  /** Reads up to the next chunk; false when that has not come. */
  #begin(): boolean {
    const start = this.#rest[0] === 0x0d ? 2 : 0 // the end of the chunk before
    const at = this.#rest.indexOf(this.#end, start)
    if (at < 0) return false
    const line = this.#rest.toString('latin1', start, at)
    this.#rest = this.#rest.subarray(at + this.#end.length)
    if (this.#end === '\r\n') {
      this.#left = Number.parseInt(line, 16)
      this.isWhole = this.#left === 0
    } else if (!line.startsWith('HTTP/1.1 200 ')) throw new Error(`Cannot listen: ${line}`)
    this.#end = '\r\n'
    return true
  }

  *take(bytes: Buffer): Generator<Buffer> {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    while (this.#rest.length > 0) {
      if (this.#left === 0 && !this.#begin()) return
      const part = this.#rest.subarray(0, this.#left)
      this.#left -= part.length
      this.#rest = this.#rest.subarray(part.length)
      if (part.length > 0) yield part
    }
  }
}
