import { expect, test } from 'bun:test'
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

test('GET /audio/voices lists what the hosts have', async () => {
  const response = await voiceRoutes({ voices, models: [] }).request('/audio/voices')
  expect(await response.json()).toEqual({ object: 'list', voices: voices.list() })
})
