import type { Pcm, Samples, Waiter } from '../speech.ts'
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
  /** What was taken last; what only a slow one had not heard yet is freed with it. */
  #at: Piece | undefined
  #next: Samples | undefined
  #isAlone = false
  #isOver = false
  #failure: { readonly reason: unknown } | undefined

  constructor({ shared, listener, pcm, start }: ReaderOptions) {
    this.rate = pcm.rate
    this.speed = pcm.speed
    this.#shared = shared
    this.#listener = listener
    this.#pcm = pcm
    this.#at = start
  }

  get isOver(): boolean {
    return this.#isAlone ? this.#pcm.isOver : this.#isOver
  }

  take(): Samples | undefined {
    if (this.#failure) throw this.#failure.reason
    if (this.#readsAlone()) return this.#pcm.take()
    const next = this.#next
    this.#next = undefined
    return next
  }

  wait(waiter: Waiter): void {
    if (this.#readsAlone()) this.#pcm.wait(waiter)
    else this.#waitForAll().then(() => waiter.wake())
  }

  cancel(reason?: unknown): Promise<void> {
    this.#at = undefined
    this.#next = undefined
    return this.#listener.leave(reason)
  }

  #readsAlone(): boolean {
    if (!this.#next && this.#at?.isLast && this.#shared.leaveTo(this.#listener)) {
      this.#isAlone = true
      this.#at = undefined
    }
    return this.#isAlone && !this.#listener.left
  }

  async #waitForAll(): Promise<void> {
    try {
      this.#at = await this.#listener.wait(() => this.#at?.next() ?? Promise.resolve(undefined))
      this.#next = this.#at?.samples
      if (this.#at) return
      this.#isOver = true
    } catch (reason) {
      this.#failure = { reason }
    }
    this.#shared.done(this.#listener)
  }
}
