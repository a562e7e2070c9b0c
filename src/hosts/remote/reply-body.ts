import { Change } from '../../pcm/change.ts'
import { joinBytes } from '../../pcm/join-bytes.ts'
import { nextOf } from '../../pcm/supply.ts'
import type { Bytes, Supply, Waiter } from '../../speech.ts'
import { badReply } from './bad-reply.ts'
import { cut, type Whom } from './failure.ts'
import type { Leaving } from './leaving.ts'

export interface ReplyBodyOptions {
  readonly whom: Whom
  readonly leaving: Leaving
}

/** Reads one reply for its caller, and once the caller has left for the host's sake only. */
export class ReplyBody implements Supply<Bytes> {
  readonly #reader: ReadableStreamDefaultReader<Bytes> | undefined
  readonly #whom: Whom
  readonly #leaving: Leaving
  readonly #change = new Change()
  #bytes: Bytes | undefined
  #isHeard = false
  #isOver = false
  #failure: { readonly reason: unknown } | undefined

  constructor(body: ReadableStream<Bytes> | null, { whom, leaving }: ReplyBodyOptions) {
    this.#reader = body?.getReader()
    this.#whom = whom
    this.#leaving = leaving
    // The signal that fetch was given should do, but Deno forgets it once the collector has been by.
    leaving.closes(this)
  }

  get isOver(): boolean {
    return this.#isOver && this.#bytes === undefined
  }

  /** Gives the next bytes. Throws when the reply has broken off, and why the caller left. */
  take(): Bytes | undefined {
    if (this.#failure) throw this.#failure.reason
    const bytes = this.#bytes
    this.#bytes = undefined
    return bytes
  }

  wait(waiter: Waiter): void {
    this.#change.wait(waiter)
    const read = this.#reader?.read() ?? Promise.resolve<Read>({})
    read.then(this.#came, this.#brokeOff)
  }

  /** Rejects with why the caller left, when it has, once the host is free. */
  async stay(): Promise<void> {
    if (this.#leaving.left) await this.drain()
    this.#leaving.throwIfLeft()
  }

  /** Gives all of it, at most so many bytes. */
  async whole(most: number): Promise<Bytes> {
    const parts: Bytes[] = []
    for (let length = 0, part = await nextOf(this); part; part = await nextOf(this)) {
      length += part.length
      if (length > most) throw badReply(`sent a reply of over ${most} bytes`, { retryable: false })
      parts.push(part)
    }
    return joinBytes(parts)
  }

  /** Reads to the end, or until the request is ended, and gives nothing; settles when the host is free. */
  async drain(): Promise<void> {
    try {
      while (this.#reader && !(await this.#reader.read()).done);
    } catch {
      // a cut body frees the host just as well
    } finally {
      this.close()
    }
  }

  /** Does work with it, and lets the connection go when that fails. */
  async orClose<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (thrown) {
      this.close()
      throw thrown
    }
  }

  /** Lets the connection go, whatever is left on it: an unread one stays open on Deno. */
  close(): void {
    this.#leaving[Symbol.dispose]()
    this.#reader?.cancel().catch(() => {})
  }

  // Once for each piece of audio: handlers that are there already cost less than an async function.
  readonly #came = (read: Read): void => {
    if (this.#leaving.left) {
      this.stay().catch(this.#failed)
      return
    }
    this.#bytes = read.value
    this.#isHeard ||= read.value !== undefined && read.value.length > 0
    this.#isOver = read.value === undefined
    read.value = undefined // the stream's promise holds what it gave
    this.#change.wake()
  }

  readonly #brokeOff = (cause: unknown): void => {
    try {
      this.#leaving.throwIfLeft()
      this.#failed(cut(this.#whom, { heard: this.#isHeard, cause }))
    } catch (reason) {
      this.#failed(reason)
    }
  }

  readonly #failed = (reason: unknown): void => {
    this.#failure = { reason }
    this.#change.wake()
  }
}

interface Read {
  value?: Bytes | undefined
}
