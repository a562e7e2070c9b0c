import type { FinishedCall } from './limit.ts'

/** How some calls went: their pace is the milliseconds that a second of audio took. */
export class PaceSample {
  readonly #paces: number[] = []
  #failed = 0

  /** Counts a call; one without audio has no pace, and tells nothing unless it failed. */
  add({ ms, audioSeconds, ok }: FinishedCall): void {
    if (!ok) this.#failed++
    else if (audioSeconds > 0 && ms > 0) this.#paces.push(ms / audioSeconds)
  }

  get count(): number {
    return this.#paces.length + this.#failed
  }

  /** The share of calls that failed. */
  get failures(): number {
    return this.#failed / this.count
  }

  /** The middle pace, which neither one call that hung nor one from a host's own cache moves; none when all failed. */
  get median(): number | undefined {
    const sorted = this.#paces.toSorted((a, b) => a - b)
    return sorted[Math.floor(sorted.length / 2)]
  }
}
