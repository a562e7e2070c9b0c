import { Hono } from 'hono'
import type { Voices } from '../dispatch/voices.ts'
import { SpeechError } from '../errors.ts'

export interface VoiceRoutes {
  readonly voices: Pick<Voices, 'list'>
  /** Names of the models that stand behind sotto. */
  readonly models: readonly string[]
}

/** The model names of OpenAI's speech clients; any of them leads to the voice that is asked for. */
const OPENAI_MODELS = ['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts']

/** `GET /models` and `GET /models/{id}` as OpenAI defined them, and `GET /audio/voices`. */
export function voiceRoutes({ voices, models }: VoiceRoutes): Hono {
  const data = [...new Set([...OPENAI_MODELS, ...models])].map((id) => ({
    id,
    object: 'model',
    created: 0,
    owned_by: 'sotto',
  }))
  return new Hono()
    .get('/models', (c) => c.json({ object: 'list', data }))
    .get('/models/:id{.+}', (c) => {
      const id = c.req.param('id') // may have a slash in it
      const model = data.find((each) => each.id === id)
      if (!model) throw noModel(id)
      return c.json(model)
    })
    .get('/audio/voices', (c) => c.json({ object: 'list', voices: voices.list() }))
}

const noModel = (id: string) =>
  new SpeechError(`There is no model ${JSON.stringify(id)}; GET /v1/models lists them`, {
    code: 'not-found',
    source: 'client',
    field: 'model',
  })
