import { expect, test } from 'bun:test'
import { openAiErrorResponse } from '../../src/api/openai-error.ts'
import { voiceRoutes } from '../../src/api/voices.ts'

const voices = { list: () => [{ id: 'xiaoxin', languages: ['zh'], hosts: ['gpu'], aliases: ['alloy'] }] }

test('GET /models lists OpenAI’s names and the hosts’ models once each', async () => {
  const response = await voiceRoutes({ voices, models: ['cosyvoice2', 'cosyvoice2'] }).request('/models')
  const { object, data } = (await response.json()) as {
    object: string
    data: { id: string; object: string }[]
  }
  expect(object).toBe('list')
  expect(data.map(({ id }) => id)).toEqual(['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts', 'cosyvoice2'])
  expect(data[0]!.object).toBe('model')
})

test('GET /models/{id} gives one of them, whose name may have a slash', async () => {
  const app = voiceRoutes({ voices, models: ['me/mine'] })
  const model = { id: 'me/mine', object: 'model', created: 0, owned_by: 'sotto' }
  for (const path of ['/models/me/mine', '/models/me%2Fmine'])
    expect(await (await app.request(path)).json()).toEqual(model)
})

test('GET /models/{id} says as OpenAI does that there is no such model', async () => {
  const app = voiceRoutes({ voices, models: [] }).onError((thrown) => openAiErrorResponse(thrown))
  const response = await app.request('/models/gpt-9')
  expect([response.status, await response.json()]).toEqual([
    404,
    {
      error: {
        message: 'There is no model "gpt-9"; GET /v1/models lists them',
        type: 'invalid_request_error',
        param: 'model',
        code: 'model_not_found',
      },
    },
  ])
})

test('GET /audio/voices lists what the hosts have', async () => {
  const response = await voiceRoutes({ voices, models: [] }).request('/audio/voices')
  expect(await response.json()).toEqual({ object: 'list', voices: voices.list() })
})
