/** One call that a host has ended by itself, well or not. A call that its caller left tells nothing. */
export interface FinishedCall {
  /** How long the host was at it, in milliseconds, without the time in which it waited for its reader. */
  readonly ms: number
  /** How long it took to its first audio, in milliseconds. */
  readonly firstAudioMs?: number | undefined
  readonly audioSeconds: number
  /** Calls that the host had when this one began, this one included. */
  readonly inFlight: number
  /** Whether it said the clause. */
  readonly ok: boolean
}

/** How many calls a host may have at once. */
export interface Limit {
  /** A positive integer; may differ after each call. */
  readonly size: number
  /** Learns from a call. */
  done(call: FinishedCall): void
}

/** A limit that stays as configured. */
export function fixedLimit(size: number): Limit {
  if (!Number.isInteger(size) || size < 1) {
    throw new RangeError(`Cannot fix limit: size must be a positive integer, current value is ${size}`)
  }
  return { size, done: () => {} }
}
