import type { Host, Synthesize } from '../../src/speech.ts'
import { counting, pcmOf } from './samples.ts'

export interface HostOptions {
  voices?: readonly string[]
  fallback?: boolean
  ready?: Promise<void>
  slots?: number
  synthesize?: Synthesize
}

/** A host that says what it is told to, by default a tenth of a second of a rising ramp. */
export const hostOf = (id: string, options: HostOptions = {}): Host => ({
  id,
  kind: 'fake',
  voices: (options.voices ?? ['v']).map((voice) => ({ id: voice, languages: [] })),
  has: (voice) => (options.voices ?? ['v']).includes(voice),
  slots: options.slots ?? 4,
  fallback: options.fallback ?? false,
  ready: options.ready ?? Promise.resolve(),
  synthesize: options.synthesize ?? (async () => pcmOf([counting(2400, 1000)])),
  [Symbol.asyncDispose]: async () => {},
})
