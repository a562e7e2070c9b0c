import { SpeechError } from '../../errors.ts'
import type { Host } from '../../speech.ts'

export interface RemoteVoice {
  readonly id: string
  readonly languages?: readonly string[] | undefined
  readonly promptText?: string | undefined
}

export interface RemoteHostConfig<V extends RemoteVoice>
  extends Pick<Host, 'id' | 'kind' | 'slots' | 'fallback'> {
  readonly voices: readonly V[]
  /** Of voices that do not say theirs. */
  readonly languages: readonly string[]
}

export interface RemoteHost<V extends RemoteVoice> {
  /** All of a host but its speech; ready at once. */
  readonly host: Omit<Host, 'synthesize' | 'batch'>
  /** Throws the caller's mistake when there is no such voice. */
  readonly voiceOf: (id: string) => V
  /** Aborts when the host is disposed of. */
  readonly closed: AbortSignal
}

/** What is the same of every host whose voices are those of its config. */
export function remoteHost<V extends RemoteVoice>(config: RemoteHostConfig<V>): RemoteHost<V> {
  const { id, kind, slots, fallback, languages } = config
  const voices = new Map(config.voices.map((voice) => [voice.id, voice]))
  const closed = new AbortController()
  return {
    closed: closed.signal,
    voiceOf(name) {
      const voice = voices.get(name)
      if (voice) return voice
      throw new SpeechError(`Host "${id}" has no voice "${name}"`, {
        code: 'not-found',
        source: 'client',
        field: 'voice',
      })
    },
    host: {
      id,
      kind,
      slots,
      fallback,
      ready: Promise.resolve(),
      voices: config.voices.map((voice) => ({
        id: voice.id,
        languages: voice.languages ?? languages,
        transcript: voice.promptText,
      })),
      has: (voice) => voices.has(voice),
      async [Symbol.asyncDispose]() {
        closed.abort(new SpeechError(`Host "${id}" is shut down`, { code: 'unavailable', source: 'proxy' }))
      },
    },
  }
}
