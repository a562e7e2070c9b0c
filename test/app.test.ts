import { expect, test } from 'bun:test'
import { createApp } from '../src/app.ts'
import { parseConfig } from '../src/config.ts'
import { createServices } from '../src/services.ts'
import { clauseOf } from './fakes/clause.ts'
import { hostOf } from './fakes/host.ts'

test('createServices() starts a host of every kind that the config names', async () => {
  const config = parseConfig({
    hosts: [
      {
        id: 'gpu',
        kind: 'cosyvoice-http',
        url: 'http://127.0.0.1:1',
        model: 'cosyvoice-300m-sft',
        voices: [{ id: '中文女', mode: 'sft' }],
      },
      {
        id: 'grpc',
        kind: 'cosyvoice-grpc',
        url: 'http://127.0.0.1:1',
        model: 'cosyvoice-300m-sft',
        voices: [{ id: '英文女', mode: 'sft' }],
      },
      { id: 'kokoro', kind: 'openai', url: 'http://127.0.0.1:1', model: 'kokoro', voices: [{ id: 'anna' }] },
      { id: 'b64', kind: 'batch', url: 'http://127.0.0.1:1/batch', voices: [{ id: 'bo' }] },
      { id: 'local', kind: 'embedded', fallback: true },
    ],
  })
  await using services = createServices(config)
  expect(services.voices.resolve('alloy')).toBe('中文女')
  const tried = new Set<string>()
  const picked = (voice: string) => services.router.pick(clauseOf('Hello.', { voice }), { tried })?.host
  expect(['中文女', '英文女', 'anna', 'bo', 'en'].map(picked)).toEqual([
    'gpu',
    'grpc',
    'kokoro',
    'b64',
    'local',
  ])
})

test('createApp() answers an unknown route in OpenAI’s shape, and hides what it did not expect', async () => {
  const config = parseConfig({})
  const services = createServices(config, { hosts: [hostOf('fake')] })
  const app = createApp({ ...services, speak: () => Promise.reject(new Error('secret')) }, config)
  const model = await app.request('/v1/models/none')
  expect([model.status, await model.json()]).toMatchObject([404, { error: { param: 'model' } }])
  const missing = await app.request('/v1/nothing')
  expect([missing.status, await missing.json()]).toEqual([
    404,
    {
      error: {
        message: 'No route GET /v1/nothing',
        type: 'invalid_request_error',
        param: null,
        code: 'not_found',
      },
    },
  ])
  expect(missing.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  expect((await app.request('/v1/audio/speech')).headers.get('allow')).toBe('POST')
  const body = JSON.stringify({ model: 'tts-1', voice: 'v', input: 'Hello.' })
  const failed = await app.request('/v1/audio/speech', { method: 'POST', body })
  expect(failed.status).toBe(500)
  expect(await failed.text()).not.toContain('secret')
})
