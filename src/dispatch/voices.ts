import { SpeechError } from '../errors.ts'
import type { Host, Voice } from '../speech.ts'

/** The names that OpenAI's clients send, in its own order. */
export const OPENAI_VOICES = [
  'alloy',
  'ash',
  'ballad',
  'coral',
  'echo',
  'fable',
  'onyx',
  'nova',
  'sage',
  'shimmer',
  'verse',
  'marin',
  'cedar',
] as const

/** A voice as it is offered to callers. */
export interface OfferedVoice extends Voice {
  /** Ids of the hosts that have it. */
  readonly hosts: readonly string[]
  /** Other names that lead to it. */
  readonly aliases: readonly string[]
}

/** Knows every voice of every host, and the other names that lead to them. */
export class Voices {
  /** Fallback hosts last. */
  readonly #hosts: readonly Host[]
  readonly #aliases: ReadonlyMap<string, string>
  readonly #known = new Map<string, Voice>()

  /** Throws a `SpeechError` when an alias leads to no voice. */
  constructor(hosts: readonly Host[], aliases: Readonly<Record<string, string>> = {}) {
    this.#hosts = byPreference(hosts)
    this.#aliases = new Map([...stockAliases(hosts), ...Object.entries(aliases)])
    for (const [alias, voice] of Object.entries(aliases)) {
      if (this.#has(voice)) continue
      throw new SpeechError(`Voice alias ${alias} leads to ${voice}, which no host has`, {
        code: 'invalid',
        source: 'proxy',
        field: `voiceAliases.${alias}`,
      })
    }
  }

  /** Gives the id of the voice that `name` means; throws an `invalid` error that lists some when it means none. */
  resolve(name: string): string {
    const voice = this.#aliases.get(name) ?? name
    if (this.#has(voice)) return voice
    const known = [...this.#aliases.keys(), ...this.list().map(({ id }) => id)]
    throw new SpeechError(`Voice ${JSON.stringify(name)} is not known; use one of ${some(known)}`, {
      code: 'invalid',
      source: 'client',
      field: 'voice',
    })
  }

  /**
   * The voice of this id as the first host that has it lists it, with the longest transcript of any: text must be cut so
   * that it suits whichever host says it. One that need not be listed speaks any language.
   */
  of(id: string): Voice {
    const known = this.#known.get(id) ?? this.#find(id)
    this.#known.set(id, known)
    return known
  }

  /** Lists every voice once, hosts in their order, fallback hosts last. */
  list(): OfferedVoice[] {
    const offered = new Map<string, OfferedVoice>()
    for (const host of this.#hosts) {
      for (const { id, languages } of host.voices) {
        const hosts = [...(offered.get(id)?.hosts ?? []), host.id]
        const aliases = [...this.#aliases].filter(([, voice]) => voice === id).map(([alias]) => alias)
        offered.set(id, { id, languages, hosts, aliases })
      }
    }
    return [...offered.values()]
  }

  #find(id: string): Voice {
    const listed = this.#hosts.flatMap(({ voices }) => voices.filter((voice) => voice.id === id))
    const transcripts = listed
      .map(({ transcript = '' }) => transcript)
      .toSorted((a, b) => b.length - a.length)
    return { ...(listed[0] ?? { id, languages: [] }), transcript: transcripts[0] || undefined }
  }

  #has(voice: string): boolean {
    return this.#hosts.some((host) => host.has(voice))
  }
}

/** OpenAI's names, dealt out over the preferred host's voices, so that its clients work unchanged. */
function stockAliases(hosts: readonly Host[]): [string, string][] {
  const voices = byPreference(hosts)[0]?.voices ?? []
  if (voices.length === 0) return []
  return OPENAI_VOICES.filter((name) => !hosts.some((host) => host.has(name))).map((name, i) => [
    name,
    voices[i % voices.length]!.id,
  ])
}

const byPreference = (hosts: readonly Host[]): Host[] =>
  hosts.toSorted((a, b) => Number(a.fallback) - Number(b.fallback))

function some(names: readonly string[]): string {
  const first = names.slice(0, 20).join(', ')
  return names.length > 20
    ? `${first} and ${names.length - 20} more (GET /v1/audio/voices lists them)`
    : first
}
