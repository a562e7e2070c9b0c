/** A clock that stands still until it is told to go on. */
export class FakeClock {
  #now = 0
  readonly #timers = new Set<{ at: number; every?: number; ring: () => void }>()

  readonly now = (): number => this.#now

  /** Rings once. */
  readonly setTimer = (ms: number, ring: () => void): (() => void) => this.#add({ at: this.#now + ms, ring })

  /** Rings again and again. */
  readonly every = (ms: number, ring: () => void): (() => void) =>
    this.#add({ at: this.#now + ms, every: ms, ring })

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.size
  }

  /** Moves on, ringing what falls due, and lets what was rung do its work. */
  async advance(ms: number): Promise<void> {
    await settle()
    const end = this.#now + ms
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#now = next.at
      if (next.every === undefined) this.#timers.delete(next)
      else next.at += next.every
      next.ring()
      await settle()
    }
    this.#now = end
    await settle()
  }

  #add(timer: { at: number; every?: number; ring: () => void }): () => void {
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }
}

/** Lets promises that are ready run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}
