import type { Host, Synthesize } from '../../src/speech.ts'
import { pcmOf, square } from './samples.ts'

export interface HostOptions {
  voices?: readonly string[]
  fallback?: boolean
  ready?: Promise<void>
  slots?: number | 'auto'
  synthesize?: Synthesize
}

/** A host that says what it is told to, by default a second and a half of a square wave. */
export const hostOf = (id: string, options: HostOptions = {}): Host => ({
  id,
  kind: 'fake',
  voices: (options.voices ?? ['v']).map((voice) => ({ id: voice, languages: [] })),
  has: (voice) => (options.voices ?? ['v']).includes(voice),
  slots: options.slots ?? 4,
  fallback: options.fallback ?? false,
  ready: options.ready ?? Promise.resolve(),
  synthesize: options.synthesize ?? (async () => pcmOf([square(1.5)])),
  [Symbol.asyncDispose]: async () => {},
})
