import type { Samples } from '../../speech.ts'

/** A piece of text for one voice. */
export interface Utterance {
  /** As `espeakFile()` names it. */
  readonly voice: string
  readonly language: string
  /** Marked up as XML, of which eSpeak reads a part. */
  readonly text: string
  /** Silence after it. */
  readonly pauseMs: number
}

export interface SayMessage {
  readonly say: readonly Utterance[]
  /** Shared: once its only number is not 0, eSpeak stops within a tenth of a second of audio. */
  readonly stop: Int32Array
}

export type EspeakMessage =
  | { readonly samples: Samples }
  /** Said, or stopped; also sent once, first, when it can speak. */
  | { readonly free: true }
  | { readonly failed: string }
