import { Hono } from 'hono'
import type { Voices } from '../dispatch/voices.ts'

export interface VoiceRoutes {
  readonly voices: Pick<Voices, 'list'>
  /** Names of the models that stand behind sotto. */
  readonly models: readonly string[]
}

/** The model names of OpenAI's speech clients; any of them leads to the voice that is asked for. */
const OPENAI_MODELS = ['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts']

/** `GET /models` as OpenAI defined it, and `GET /audio/voices`. */
export function voiceRoutes({ voices, models }: VoiceRoutes): Hono {
  const data = [...new Set([...OPENAI_MODELS, ...models])].map((id) => ({
    id,
    object: 'model',
    created: 0,
    owned_by: 'sotto',
  }))
  return new Hono()
    .get('/models', (c) => c.json({ object: 'list', data }))
    .get('/audio/voices', (c) => c.json({ object: 'list', voices: voices.list() }))
}
