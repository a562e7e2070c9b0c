/** What a reader tells of the messages on one connection. */
export interface MessageEvents {
  /** The first line, and a header's value by its name in lower case. */
  head(line: string, header: (name: string) => string | undefined): void
  /** So many bytes of body have come; they are valid until this returns. */
  body(bytes: Buffer): void
  end(): void
}

const NEEDLE = { head: '\r\n\r\n', size: '\r\n' } as const

/** Takes HTTP/1.1 messages off one connection, one after another: all that a load needs, at a small cost. */
export class MessageReader {
  readonly #events: MessageEvents
  #rest: Buffer = Buffer.alloc(0)
  #state: 'head' | 'size' | 'body' | 'gap' | 'trailer' = 'head'
  #isChunked = false
  #left = 0

  constructor(events: MessageEvents) {
    this.#events = events
  }

  /** Whether it stands within a message. */
  get isWithin(): boolean {
    return this.#state !== 'head' || this.#rest.length > 0
  }

  /** Takes what has been read; does not keep it. */
  take(read: Uint8Array): void {
    const bytes = Buffer.from(read.buffer, read.byteOffset, read.byteLength)
    let left = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    for (let used = -1; left.length > 0 && used !== 0; left = left.subarray(used)) used = this.#step(left)
    this.#rest = left.length > 0 ? Buffer.from(left) : left
  }

  /** Gives how many of the bytes it has used; 0 when it needs more of them. */
  #step(bytes: Buffer): number {
    if (this.#state === 'body') return this.#body(bytes)
    if (this.#state === 'gap') return this.#past(bytes, 2, 'size')
    const needle = this.#state === 'head' ? NEEDLE.head : NEEDLE.size
    const at = bytes.indexOf(needle)
    if (at < 0) return 0
    const text = bytes.toString('latin1', 0, at)
    if (this.#state === 'head') this.#head(text)
    else if (this.#state === 'size') this.#size(text)
    else this.#ended()
    return at + needle.length
  }

  #head(text: string): void {
    const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(text)?.[1]?.trim()
    this.#isChunked = /^transfer-encoding: *chunked/im.test(text)
    this.#left = this.#isChunked ? 0 : Number(header('content-length') ?? 0)
    this.#state = this.#isChunked ? 'size' : 'body'
    this.#events.head(text.slice(0, text.indexOf('\r\n') >>> 0), header)
    if (!this.#isChunked && this.#left === 0) this.#ended()
  }

  #size(text: string): void {
    this.#left = Number.parseInt(text, 16)
    this.#state = this.#left > 0 ? 'body' : 'trailer'
  }

  #body(bytes: Buffer): number {
    const part = bytes.subarray(0, this.#left)
    this.#left -= part.length
    this.#events.body(part)
    if (this.#left > 0) return part.length
    if (this.#isChunked) this.#state = 'gap'
    else this.#ended()
    return part.length
  }

  #past(bytes: Buffer, count: number, next: 'size'): number {
    if (bytes.length < count) return 0
    this.#state = next
    return count
  }

  #ended(): void {
    this.#state = 'head'
    this.#events.end()
  }
}
