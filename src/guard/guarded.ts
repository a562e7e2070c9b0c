import type { Guard, Synthesize } from '../speech.ts'

/** Wraps `inner`; the first guard listed sees the call first. */
export const guarded = (inner: Synthesize, guards: readonly Guard[]): Synthesize =>
  guards.reduceRight((next, guard) => guard(next), inner)
