import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SpeechError } from '../../src/errors.ts'
import { hostOf } from '../fakes/host.ts'
import { failingAfter, pcmOf, square } from '../fakes/samples.ts'
import { startSotto } from '../fakes/sotto.ts'

const TEXT = 'This is the first sentence of the text. Here is the second one, which never comes.'

for (const [code, status] of [
  ['upstream', 502],
  ['unavailable', 503],
  ['timeout', 504],
] as const) {
  test(`a host that fails before the first audio (${code}) is a ${status} in OpenAI's shape`, async () => {
    const synthesize = () => Promise.reject(new SpeechError('Host failed', { code, source: 'host' }))
    await using sotto = await startSotto({}, [hostOf('fake', { synthesize })])
    const response = await sotto.post({ input: TEXT })
    assert.equal(response.status, status)
    const { error } = (await response.json()) as { error: Record<string, unknown> }
    assert.deepEqual(Object.keys(error), ['message', 'type', 'param', 'code'])
    assert.equal(error.type, 'server_error')
  })
}

/** Says the first clause; fails in the second when told to. */
const diesInTheMiddle = (heard: Promise<void>) =>
  hostOf('fake', {
    synthesize: async ({ index }) => (index === 0 ? pcmOf([square(1.5)]) : failingAfter(square(0.1), heard)),
  })

test('a host that dies after the first audio cuts the stream', async () => {
  const heard = Promise.withResolvers<void>()
  await using sotto = await startSotto({}, [diesInTheMiddle(heard.promise)])
  const response = await sotto.post({ input: TEXT })
  assert.equal(response.status, 200)
  const reader = response.body!.getReader()
  await reader.read()
  heard.resolve()
  await assert.rejects(async () => {
    while (!(await reader.read()).done) {}
  })
})

test('a host that dies after the first audio is an error event, never done', async () => {
  await using sotto = await startSotto({}, [diesInTheMiddle(Promise.resolve())])
  const response = await sotto.post({ input: TEXT, stream_format: 'sse' })
  const text = await response.text()
  assert.match(text, /speech\.audio\.delta/)
  assert.match(text, /speech\.audio\.error/)
  assert.doesNotMatch(text, /speech\.audio\.done/)
})

test('a host with nothing to say for a clause is a failure', async () => {
  const synthesize = async () => pcmOf([])
  await using sotto = await startSotto({}, [hostOf('fake', { synthesize })])
  assert.equal((await sotto.post({ input: TEXT })).status, 502)
})

test('a text with nothing to be spoken is the caller’s fault', async () => {
  await using sotto = await startSotto({}, [hostOf('fake')])
  const response = await sotto.post({ input: '… !! 🙂' })
  assert.equal(response.status, 400)
  assert.match(await response.text(), /Nothing to say/)
})
