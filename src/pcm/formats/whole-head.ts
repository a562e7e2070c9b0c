import type { Bytes } from '../../speech.ts'

/** How long a sound has become. */
export interface WholeLength {
  /** Samples a second. */
  readonly rate: number
  readonly samples: number
  /** Of the file, its head included. */
  readonly bytes: number
}

/** A format's head once it is known how long the sound is. */
export interface WholeHead {
  /** How many of the first bytes it takes. */
  readonly size: number
  /** Gives these bytes anew. */
  of(head: Bytes, length: WholeLength): Bytes
}
