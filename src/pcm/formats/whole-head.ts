import type { Bytes } from '../../speech.ts'

/** A format's head once it is known how long the sound is. */
export interface WholeHead {
  /** How many of the first bytes it takes. */
  readonly size: number
  /** Gives these bytes anew. */
  of(head: Bytes, length: { readonly rate: number; readonly samples: number }): Bytes
}
