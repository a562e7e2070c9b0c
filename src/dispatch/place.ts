import type { Clause } from '../speech.ts'

/** How a call ended that was not broken off by its callers. */
export interface Ended {
  /** How long the host was at it, in milliseconds, without the time in which it waited for its reader. */
  readonly ms: number
  readonly audioSeconds: number
  readonly ok: boolean
}

/** Whose places they are. */
export interface Keeper {
  /** The host has begun to speak. */
  heard(place: Place, ms: number): void
  /** The host is free; how its call ended unless it was broken off. */
  freed(place: Place, ended: Ended | undefined): void
}

export interface PlaceOptions {
  readonly keeper: Keeper
  /** What is to be said in it, in order. */
  readonly clauses: readonly Clause[]
  /** The work that it is, in characters. */
  readonly characters: number
  /** When it was given, in milliseconds of the keeper's clock. */
  readonly since: number
  /** How many were held then, with it. */
  readonly inFlight: number
}

/** One of the calls that a host may have at once. To be ended or disposed of once the host is free; the first counts. */
export class Place implements Disposable {
  readonly clauses: readonly Clause[]
  readonly characters: number
  readonly since: number
  readonly inFlight: number
  readonly #keeper: Keeper
  #isHeld = true
  #firstAudioMs: number | undefined

  constructor({ keeper, clauses, characters, since, inFlight }: PlaceOptions) {
    this.#keeper = keeper
    this.clauses = clauses
    this.characters = characters
    this.since = since
    this.inFlight = inFlight
  }

  /** Tells that the host has begun to speak after `ms`. */
  firstAudio(ms: number): void {
    if (!this.#isHeld || this.#firstAudioMs !== undefined) return
    this.#firstAudioMs = ms
    this.#keeper.heard(this, ms)
  }

  /** Gives it back after a call that the host has ended, well or not. */
  end(ended: Ended): void {
    this.#free(ended)
  }

  /** Gives it back after a call that was broken off, which tells nothing about the host. */
  [Symbol.dispose](): void {
    this.#free(undefined)
  }

  /** How long the host took to begin, in milliseconds, once it has. */
  get firstAudioMs(): number | undefined {
    return this.#firstAudioMs
  }

  #free(ended: Ended | undefined): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#keeper.freed(this, ended)
  }
}

/** A clause's part of a place. */
export interface Seat {
  readonly place: Place
  /** Which of the place's clauses it is. */
  readonly number: number
}
