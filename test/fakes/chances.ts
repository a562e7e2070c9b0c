export interface Chances {
  /** From 0 to 1. */
  next(): number
  pick<T>(choices: readonly T[]): T
  /** Waits for up to so many milliseconds. */
  wait(ms: number): Promise<void>
}

/** The same chances each time, for the same seed: mulberry32. */
export function chances(seed: number): Chances {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    pick: (choices) => choices[Math.floor(next() * choices.length)]!,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, next() * ms)),
  }
}
