import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostOf } from '../fakes/host.ts'
import { pcmOf, square } from '../fakes/samples.ts'
import { startSotto } from '../fakes/sotto.ts'

test('a request’s lexicon changes what its host is given, and nobody else’s', async () => {
  const said: string[] = []
  const synthesize = async ({ spoken }: { spoken: string }) => {
    said.push(spoken)
    return pcmOf([square(1)])
  }
  await using sotto = await startSotto({}, [hostOf('fake', { synthesize })])
  const lexicon = [{ pattern: 'SQL', replacement: 'sequel' }]
  for (const body of [{ lexicon }, {}]) {
    const response = await sotto.post({ input: 'Learn SQL.', ...body })
    await response.arrayBuffer()
    assert.equal(response.status, 200)
  }
  assert.deepEqual(said, ['Learn sequel.', 'Learn SQL.'])
})

test('an entry of a language holds for a voice that speaks it, unless the request names another', async () => {
  const said: string[] = []
  const synthesize = async ({ spoken }: { spoken: string }) => {
    said.push(spoken)
    return pcmOf([square(1)])
  }
  const voices = [
    { id: 'anna', languages: ['en', 'zh'] },
    { id: 'kurt', languages: ['de'] },
  ]
  const host = { ...hostOf('fake', { synthesize }), voices, has: () => true }
  await using sotto = await startSotto(
    { lexicon: [{ pattern: '行长', replacement: '杭掌', language: 'zh' }] },
    [host],
  )
  for (const body of [{ voice: 'anna' }, { voice: 'kurt' }, { voice: 'anna', language: 'ja' }]) {
    const response = await sotto.post({ input: '行长好。', ...body })
    await response.arrayBuffer()
    assert.equal(response.status, 200)
  }
  assert.deepEqual(said, ['杭掌好。', '行长好。', '行长好。'])
})

test('a field that is not known is refused by name, in a lexicon’s entry too', async () => {
  await using sotto = await startSotto({}, [hostOf('fake')])
  const entry = { pattern: 'SQL', replacement: 'sequel', ignorecase: true }
  for (const [body, name] of [
    [{ lexicons: [] }, 'lexicons'],
    [{ lexicon: [entry] }, 'ignorecase'],
  ] as const) {
    const response = await sotto.post({ input: 'Learn SQL.', ...body })
    assert.equal(response.status, 400)
    assert.match(await response.text(), new RegExp(name))
  }
})
