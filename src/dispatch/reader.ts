import type { Pcm, Samples } from '../speech.ts'
import type { Listener } from './listener.ts'
import type { Piece } from './recording.ts'

/** What its readers ask of a call that they share. */
export interface Shared {
  /** Leaves the rest to this one, if it is the only one left of whom nobody can come any more. */
  leaveTo(listener: Listener): boolean
  /** This one has all, or never will have. */
  done(listener: Listener): void
}

export interface ReaderOptions {
  readonly shared: Shared
  readonly listener: Listener
  readonly pcm: Pcm
  /** From where it reads. */
  readonly start: Piece
}

/** One listener's way through audio that several share: piece by piece with them, straight from the host once alone. */
export class Reader implements Pcm {
  readonly rate: number
  readonly speed: number
  readonly #shared: Shared
  readonly #listener: Listener
  readonly #pcm: Pcm
  /** What was read last; what only a slow one had not heard yet is freed with it. */
  #at: Piece | undefined
  #isAlone = false

  constructor({ shared, listener, pcm, start }: ReaderOptions) {
    this.rate = pcm.rate
    this.speed = pcm.speed
    this.#shared = shared
    this.#listener = listener
    this.#pcm = pcm
    this.#at = start
  }

  read(): Promise<Samples | undefined> {
    if (this.#at?.isLast && this.#shared.leaveTo(this.#listener)) {
      this.#isAlone = true
      this.#at = undefined
    }
    return this.#isAlone && !this.#listener.left ? this.#pcm.read() : this.#readShared()
  }

  cancel(reason?: unknown): Promise<void> {
    this.#at = undefined
    return this.#listener.leave(reason)
  }

  async #readShared(): Promise<Samples | undefined> {
    try {
      this.#at = await this.#listener.wait(() => this.#at?.next() ?? Promise.resolve(undefined))
      if (!this.#at) this.#shared.done(this.#listener)
      return this.#at?.samples
    } catch (thrown) {
      this.#shared.done(this.#listener)
      throw thrown
    }
  }
}
