import type { Claim, Clause, Synthesize } from '../speech.ts'

/** A host that may be asked, with the queue before it. */
export interface Candidate {
  readonly host: string
  /** Never asked beside another. @default false */
  readonly fallback?: boolean
  readonly synthesize: Synthesize
}

export interface PickOptions {
  /** Hosts that have been asked for this clause: given again only when there is no other. */
  readonly tried: ReadonlySet<string>
  readonly claim?: Claim | undefined
  /** Given before others while it is healthy and not tried: it speaks the rest of the reply. */
  readonly prefer?: string | undefined
}

/** Chooses a healthy host; `undefined`, or a `SpeechError` that says why and until when, if there is none. */
export type PickHost = (clause: Clause, options: PickOptions) => Candidate | undefined
