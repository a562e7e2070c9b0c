import type { FinishedCall } from '../../src/dispatch/limit.ts'

export interface SimulatedHostOptions {
  /** Calls that it runs at full speed, at a time in milliseconds; more of them share that speed. */
  readonly capacity: (at: number) => number
  /** How long a call for so many seconds of audio takes a host that has nothing else to do. */
  readonly workMs: (audioSeconds: number, at: number) => number
  readonly random: () => number
  /** How many calls its caller may have. */
  readonly size: () => number
  /** How many its caller wants. @default as many as it may */
  readonly wanted?: (at: number) => number
  /** The share of calls that fail. @default 0 */
  readonly failures?: (at: number) => number
  readonly onDone: (call: FinishedCall) => void
}

interface Running {
  readonly audioSeconds: number
  readonly workMs: number
  readonly begunAt: number
  readonly inFlight: number
  left: number
}

interface Said {
  readonly at: number
  readonly ms: number
  readonly workMs: number
  readonly size: number
}

/** A host by numbers: it shares its speed among its calls, in no time at all. */
export class SimulatedHost {
  readonly #options: Required<SimulatedHostOptions>
  readonly #running = new Set<Running>()
  readonly said: Said[] = []
  now = 0

  constructor(options: SimulatedHostOptions) {
    this.#options = { wanted: () => Number.POSITIVE_INFINITY, failures: () => 0, ...options }
  }

  /** Keeps it as busy as its caller may until `end`. */
  run(end: number): this {
    while (this.now < end) {
      this.#begin()
      const speed = Math.min(1, this.#options.capacity(this.now) / this.#running.size)
      const [next] = [...this.#running].sort((a, b) => a.left - b.left)
      const ms = Math.min(50, next ? next.left / speed : 50) // no longer, so that a change of capacity is seen
      this.now += ms
      for (const call of this.#running) call.left -= ms * speed
      if (next && next.left < 1e-6) this.#end(next)
    }
    return this
  }

  /** Work done as a share of what `capacity` places can do, and time taken over work, between two times. */
  between(
    from: number,
    to: number,
    capacity: number,
  ): { throughput: number; slowness: number; sizes: number[] } {
    const said = this.said.filter(({ at }) => at >= from && at < to)
    const sum = (of: (call: Said) => number) => said.reduce((total, call) => total + of(call), 0)
    const work = sum(({ workMs }) => workMs)
    return {
      throughput: work / (to - from) / capacity,
      slowness: sum(({ ms }) => ms) / work,
      sizes: said.map(({ size }) => size),
    }
  }

  #begin(): void {
    const { size, wanted, random, workMs } = this.#options
    while (this.#running.size < Math.min(size(), wanted(this.now))) {
      const audioSeconds = 1 + 8 * random()
      const work = workMs(audioSeconds, this.now)
      const inFlight = this.#running.size + 1
      this.#running.add({ audioSeconds, workMs: work, begunAt: this.now, inFlight, left: work })
    }
  }

  #end(call: Running): void {
    const { size, random, failures, onDone } = this.#options
    const { audioSeconds, workMs, inFlight } = call
    const ms = this.now - call.begunAt
    this.#running.delete(call)
    this.said.push({ at: this.now, ms, workMs, size: size() })
    const ok = random() >= failures(this.now)
    onDone({ ms, audioSeconds: ok ? audioSeconds : 0, inFlight, ok })
  }
}

/** Chance that is the same in each run (the mulberry32 generator). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
