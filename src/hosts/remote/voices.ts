import { SpeechError } from '../../errors.ts'
import type { Clause, Host } from '../../speech.ts'
import type { NamedVoice } from './config.ts'
import { withoutControlTokens } from './control-tokens.ts'

export interface NamedVoices extends Pick<Host, 'voices' | 'has'> {
  /** Throws the caller's mistake when there is no such voice. */
  get(id: string): NamedVoice
}

/** The voices of a host that knows them by name. */
export function namedVoices({ id, voices, languages }: NamedVoicesConfig): NamedVoices {
  const byId = new Map(voices.map((voice) => [voice.id, voice]))
  return {
    voices: voices.map((voice) => ({ id: voice.id, languages: voice.languages ?? languages })),
    has: (voice) => byId.has(voice),
    get(name) {
      const voice = byId.get(name)
      if (voice) return voice
      throw new SpeechError(`Host "${id}" has no voice "${name}"`, {
        code: 'not-found',
        source: 'client',
        field: 'voice',
      })
    },
  }
}

export interface NamedVoicesConfig {
  /** The host's id. */
  readonly id: string
  readonly voices: readonly NamedVoice[]
  /** Of voices that do not say theirs. */
  readonly languages: readonly string[]
}

/** How a clause is to be said in words and by which number: the clause's own, else the voice's; none when neither has. */
export function mannerOf({ instructions, seed }: Clause, voice: NamedVoice) {
  const wish = withoutControlTokens(instructions ?? '') || voice.instructions
  const chosen = seed ?? voice.seed
  return { ...(wish && { instructions: wish }), ...(chosen !== undefined && { seed: chosen }) }
}
