import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostOf } from '../fakes/host.ts'
import { paced } from '../fakes/samples.ts'
import { startSotto } from '../fakes/sotto.ts'

const input = 'Hello. '.repeat(99)

test('a reply that runs when the process must end says so in its last event', async () => {
  await using sotto = await startSotto({}, [hostOf('fake', { synthesize: async () => paced() })])
  const reply = await sotto.post({ input, stream_format: 'sse' })
  sotto.services.cut()
  const events = (await reply.text()).trim().split('\n\n')
  assert.match(events.at(-1)!, /speech\.audio\.error.*shutting down/)
})

test('raw audio that runs when the process must end is cut', async () => {
  await using sotto = await startSotto({}, [hostOf('fake', { synthesize: async () => paced() })])
  const reply = await sotto.post({ input })
  sotto.services.cut()
  await assert.rejects(reply.arrayBuffer())
})
