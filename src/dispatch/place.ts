import type { Clause, Holdable } from '../speech.ts'

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
  /** Its call has ended, unless it was broken off. */
  ended(place: Place, ended: Ended): void
  /** The host is free. */
  freed(place: Place): void
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

/**
 * One of the calls that a host may have at once. To be ended or disposed of once the call is over, where the first counts;
 * taken until then, and longer as long as it is held.
 */
export class Place implements Disposable, Holdable {
  readonly clauses: readonly Clause[]
  readonly characters: number
  readonly since: number
  readonly inFlight: number
  readonly #keeper: Keeper
  #isOver = false
  #holds = 0
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
    if (this.#isOver || this.#firstAudioMs !== undefined) return
    this.#firstAudioMs = ms
    this.#keeper.heard(this, ms)
  }

  /** Gives it back after a call that the host has ended, well or not. */
  end(ended: Ended): void {
    if (this.#isOver) return
    this.#keeper.ended(this, ended)
    this[Symbol.dispose]()
  }

  /** Gives it back after a call that was broken off, which tells nothing about the host. */
  [Symbol.dispose](): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#free()
  }

  hold(work: Promise<unknown>): void {
    this.#holds++
    const done = () => {
      this.#holds--
      this.#free()
    }
    work.then(done, done)
  }

  /** How long the host took to begin, in milliseconds, once it has. */
  get firstAudioMs(): number | undefined {
    return this.#firstAudioMs
  }

  #free(): void {
    if (this.#isOver && this.#holds === 0) this.#keeper.freed(this)
  }
}

/** A clause's part of a place. */
export interface Seat {
  readonly place: Place
  /** Which of the place's clauses it is. */
  readonly number: number
}
