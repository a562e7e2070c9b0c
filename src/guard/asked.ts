import type { Clause, SynthesizeOptions } from '../speech.ts'

/** A clause to be said, with whom it is for. */
export interface Asked extends SynthesizeOptions {
  readonly clause: Clause
}
