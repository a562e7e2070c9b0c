import type { Clause } from '../speech.ts'

/** How a call ended that was not broken off by its callers. */
export interface Ended {
  /** How long the host was at it, in milliseconds, without the time in which it waited for its reader. */
  readonly ms: number
  readonly audioSeconds: number
  readonly ok: boolean
}

export interface PlaceOptions {
  /** What is to be said in it, in order. */
  readonly clauses: readonly Clause[]
  /** Told once, when the host is free; of how its call ended unless it was broken off. */
  readonly onFree: (ended: (Ended & { readonly firstAudioMs?: number }) | undefined) => void
  readonly onFirstAudio: (ms: number) => void
}

/** One of the calls that a host may have at once. To be ended or disposed of once the host is free; the first counts. */
export class Place implements Disposable {
  readonly clauses: readonly Clause[]
  readonly #options: PlaceOptions
  #isHeld = true
  #firstAudioMs: number | undefined

  constructor(options: PlaceOptions) {
    this.clauses = options.clauses
    this.#options = options
  }

  /** Tells that the host has begun to speak after `ms`. */
  firstAudio(ms: number): void {
    if (!this.#isHeld || this.#firstAudioMs !== undefined) return
    this.#firstAudioMs = ms
    this.#options.onFirstAudio(ms)
  }

  /** Gives it back after a call that the host has ended, well or not. */
  end(ended: Ended): void {
    this.#free({ ...ended, ...(this.#firstAudioMs !== undefined && { firstAudioMs: this.#firstAudioMs }) })
  }

  /** Gives it back after a call that was broken off, which tells nothing about the host. */
  [Symbol.dispose](): void {
    this.#free(undefined)
  }

  #free(ended: Parameters<PlaceOptions['onFree']>[0]): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#options.onFree(ended)
  }
}

/** A clause's part of a place. */
export interface Seat {
  readonly place: Place
  /** Which of the place's clauses it is. */
  readonly number: number
}
