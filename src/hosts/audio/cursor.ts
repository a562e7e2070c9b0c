import { joinBytes } from '../../pcm/join-bytes.ts'
import type { Bytes } from '../../speech.ts'
import { badReply } from '../remote/bad-reply.ts'

/** Yields when it has read all that there is and wants more. */
export type Reading<T> = Generator<undefined, T, void>

const NONE: Bytes = new Uint8Array(0)

/** Bytes as they come, for a generator that reads them. */
export class Cursor {
  #held = NONE
  #isLast = false

  add(chunk: Bytes): void {
    this.#held = this.#held.length === 0 ? chunk : joinBytes([this.#held, chunk])
  }

  /** Nothing more will come. */
  close(): void {
    this.#isLast = true
  }

  /** Keeps what is held in memory of its own: a byte that waits for more must not keep the whole chunk that it came in. */
  settle(): void {
    const { length, buffer } = this.#held
    if (length === 0) this.#held = NONE
    else if (length < buffer.byteLength) this.#held = this.#held.slice()
  }

  get isLast(): boolean {
    return this.#isLast
  }

  /** What has come and is not read. */
  get held(): Bytes {
    return this.#held
  }

  /** Waits for so many bytes; tells whether they came. */
  *has(length: number): Reading<boolean> {
    while (this.#held.length < length && !this.#isLast) yield
    return this.#held.length >= length
  }

  /** Reads so many bytes; throws a retryable error when fewer came. */
  *read(length: number): Reading<Bytes> {
    if (!(yield* this.has(length))) throw cutAudio()
    return this.take(length)
  }

  /** Passes over so many, holding none; throws a retryable error when fewer came. */
  *skip(length: number): Reading<void> {
    for (let left = length; left > 0; ) {
      if (!(yield* this.has(1))) throw cutAudio()
      left -= this.take(Math.min(left, this.#held.length)).length
    }
  }

  /** Takes of what is held. */
  take(length: number): Bytes {
    const held = this.#held
    const isAll = length === held.length // as a rule: what hosts send is whole samples
    this.#held = isAll ? NONE : held.subarray(length)
    return isAll ? held : held.subarray(0, length)
  }
}

export const cutAudio = () =>
  badReply('sent audio that is cut: it ends within a sample, or before its own size')
