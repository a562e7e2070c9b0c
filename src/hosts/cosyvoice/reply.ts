import type { Bytes, Pcm, Samples } from '../../speech.ts'
import { s16le } from '../audio/s16le.ts'
import { cut, empty, type Whom } from '../remote/failure.ts'
import type { Leaving } from '../remote/leaving.ts'
import { unwrap } from './unwrap.ts'

/** Bytes a piece: a tenth of a second at 24 kHz, what a listener is sent at once. */
const PIECE = 4800

/**
 * Reads the audio of one reply: samples whole, wrapped ones repaired, a body cut short as an error. Once the caller
 * has left, the rest is read for the host's sake only.
 */
export class CosyvoiceReply {
  readonly #reader: ReadableStreamDefaultReader<Bytes>
  readonly #whom: Whom
  readonly #leaving: Leaving
  readonly #halves = s16le()
  readonly #wraps = unwrap()
  #rest: Bytes | undefined
  #heard = false
  #ended = false

  constructor(body: ReadableStream<Bytes>, options: { readonly whom: Whom; readonly leaving: Leaving }) {
    this.#reader = body.getReader()
    this.#whom = options.whom
    this.#leaving = options.leaving
    // The signal that fetch was given should do, but Deno forgets it once the collector has been by.
    this.#leaving.signal.addEventListener('abort', () => this.#close(), { once: true })
  }

  /**
   * Resolves at its first audio. `read()` rejects with why the caller left, when it has; `cancel()` settles when the
   * host is free.
   */
  async audio(): Promise<Pick<Pcm, 'read' | 'cancel'>> {
    let first = await this.#next()
    return {
      read: async () => {
        const samples = first ?? (await this.#next())
        first = undefined
        return samples
      },
      cancel: (reason) => {
        this.#leaving.leave(reason)
        return this.#drain()
      },
    }
  }

  /** Gives the next samples, at least one; `undefined` at the end. */
  async #next(): Promise<Samples | undefined> {
    try {
      return await this.#samples()
    } catch (thrown) {
      this.#close()
      throw thrown
    }
  }

  async #samples(): Promise<Samples | undefined> {
    while (!this.#ended) {
      const bytes = await this.#piece()
      if (this.#leaving.left) await this.#drain()
      this.#leaving.throwIfLeft()
      const samples = bytes ? this.#wraps.push(this.#halves.push(bytes)) : this.#tail()
      if (samples.length > 0) return samples
    }
    this.#close()
    return undefined
  }

  /** Gives what has come in short pieces: the first of a long chunk is on its way before the others are worked on. */
  async #piece(): Promise<Bytes | undefined> {
    const bytes = this.#rest ?? (await this.#read())
    this.#rest = bytes && bytes.length > PIECE ? bytes.subarray(PIECE) : undefined
    return bytes?.subarray(0, PIECE)
  }

  async #read(): Promise<Bytes | undefined> {
    try {
      const { done, value } = await this.#reader.read()
      if (!done && value.length > 0) this.#heard = true
      return done ? undefined : value
    } catch (cause) {
      this.#leaving.throwIfLeft()
      throw cut(this.#whom, { heard: this.#heard, cause })
    }
  }

  #tail(): Samples {
    this.#ended = true
    if (!this.#heard) throw empty(this.#whom)
    this.#halves.end()
    return this.#wraps.end()
  }

  /** Reads to the end, or until the request is ended, and gives nothing; settles when the host is free. */
  async #drain(): Promise<void> {
    try {
      while (!(await this.#reader.read()).done);
    } catch {
      // a cut body frees the host just as well
    } finally {
      this.#close()
    }
  }

  /** Lets the connection go, whatever is left on it: an unread one stays open on Deno. */
  #close(): void {
    this.#leaving[Symbol.dispose]()
    this.#reader.cancel().catch(() => {})
  }
}
