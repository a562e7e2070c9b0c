import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBatchServer } from '../fakes/batch-server.ts'
import { startOpenaiServer } from '../fakes/openai-server.ts'
import { startSotto } from '../fakes/sotto.ts'

test('a host that cannot read numbers is given words, in the language of the request or its voice', async () => {
  await using kokoro = await startOpenaiServer({ flavour: 'kokoro', model: 'tts', voices: ['anna', 'carl'] })
  await using many = await startBatchServer({ voices: ['kurt'] })
  const numbers = 'words'
  const hosts = [
    { id: 'a', kind: 'openai', url: kokoro.url, model: 'tts', numbers, voices: [{ id: 'anna' }] },
    {
      id: 'b',
      kind: 'batch',
      url: `${many.url}/batch`,
      numbers,
      voices: [{ id: 'kurt', languages: ['de'] }],
    },
    { id: 'c', kind: 'openai', url: kokoro.url, model: 'tts', voices: [{ id: 'carl' }] },
  ]
  await using sotto = await startSotto({ hosts })
  for (const body of [
    { voice: 'anna' },
    { voice: 'anna', language: 'fr' },
    { voice: 'kurt' },
    { voice: 'carl' },
  ]) {
    const response = await sotto.post({ input: 'A 25 B.', ...body })
    assert.equal(response.status, 200)
    await response.arrayBuffer()
  }
  const said = kokoro.calls.map(({ body }) => body.input)
  assert.deepEqual(said, ['A twenty-five B.', 'A vingt-cinq B.', 'A 25 B.'])
  assert.deepEqual(
    many.calls.map(({ body }) => body.texts),
    [['A fünfundzwanzig B.']],
  )
})
