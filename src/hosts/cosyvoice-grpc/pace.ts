/** Pieces of text that are remembered; as many again are soon said. */
const RECENT = 16
/** Audio that was there already when it was asked for tells nothing of how long it took. */
const PROMPT_MS = 2

export interface PaceOptions {
  /** Milliseconds. */
  readonly now: () => number
}

/**
 * Learns how long a host takes to a piece of text, which is what it finishes when a call is cancelled, and so when
 * its slot is free: nothing on the wire tells.
 */
export class Pace {
  readonly #now: () => number
  readonly #recent: number[] = []

  constructor({ now }: PaceOptions) {
    this.#now = now
  }

  /** How long the longest of the last pieces took, in milliseconds; `undefined` before the first. */
  get longest(): number | undefined {
    return this.#recent.length > 0 ? Math.max(...this.#recent) : undefined
  }

  /** Watches one call, from now on. */
  begin(): Work {
    return new Work(this.#now, (ms) => {
      this.#recent.push(ms)
      if (this.#recent.length > RECENT) this.#recent.shift()
    })
  }
}

/** The pieces of one call. */
export class Work {
  readonly #now: () => number
  readonly #learn: (ms: number) => void
  #began: number
  #over = false

  constructor(now: () => number, learn: (ms: number) => void) {
    this.#now = now
    this.#learn = learn
    this.#began = now()
  }

  /** Waits for the next piece, and learns from how long it took. */
  async time<T>(next: Promise<T>): Promise<T> {
    const askedAt = this.#now()
    const piece = await next
    const now = this.#now()
    if (now - askedAt >= PROMPT_MS) this.#learn(now - this.#began)
    this.#began = now
    return piece
  }

  get over(): boolean {
    return this.#over
  }

  /** The host is done with the call, well or not. */
  end(): void {
    this.#over = true
  }

  /**
   * How long the piece in work may still take, in milliseconds, where pieces take `longest`: until a quarter more is
   * over, and at least for a quarter when it is late already.
   */
  left(longest: number): number {
    if (this.#over) return 0
    return Math.max(1.25 * longest - (this.#now() - this.#began), longest / 4)
  }
}
