import type { Socket } from 'bun'
import { MessageReader } from '../load/message-reader.ts'

/** A caller's connection; what the kernel does not take at once waits. */
export class Caller {
  readonly #socket: Socket<Caller>
  #waiting: Buffer = Buffer.alloc(0)
  isOpen = true

  constructor(socket: Socket<Caller>) {
    this.#socket = socket
  }

  send(bytes: Buffer): void {
    if (!this.isOpen) return
    if (this.#waiting.length > 0) this.#waiting = Buffer.concat([this.#waiting, bytes])
    else this.#keep(bytes, this.#socket.write(bytes))
  }

  drain(): void {
    const bytes = this.#waiting
    if (bytes.length > 0) this.#keep(bytes, this.#socket.write(bytes))
  }

  #keep(bytes: Buffer, written: number): void {
    this.#waiting = written < bytes.length ? bytes.subarray(Math.max(0, written)) : Buffer.alloc(0)
  }
}

/** Serves HTTP/1.1 over plain sockets: a host so cheap that it is never what limits. `answer` gets each POST's body. */
export function serveRaw(port: number, answer: (caller: Caller, body: Buffer) => void): void {
  const readers = new WeakMap<Caller, MessageReader>()
  Bun.listen<Caller>({
    hostname: '127.0.0.1',
    port,
    socket: {
      open(socket) {
        const caller = new Caller(socket)
        socket.data = caller
        let isPost = false
        let body = Buffer.alloc(0)
        const reader = new MessageReader({
          head: (line) => {
            isPost = line.startsWith('POST')
            body = Buffer.alloc(0)
          },
          body: (bytes) => {
            body = Buffer.concat([body, bytes])
          },
          end: () => (isPost ? answer(caller, body) : caller.send(EMPTY)),
        })
        readers.set(caller, reader)
      },
      data: (socket, bytes) => readers.get(socket.data)!.take(bytes),
      drain: (socket) => socket.data.drain(),
      close: (socket) => {
        socket.data.isOpen = false
      },
      error: (socket) => {
        socket.data.isOpen = false
      },
    },
  })
}

const EMPTY = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')

export const PCM_HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: audio/pcm\r\ntransfer-encoding: chunked\r\n\r\n',
)
export const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** One piece of a chunked body. */
export const chunk = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
