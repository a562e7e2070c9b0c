import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostOf } from '../fakes/host.ts'
import { pcmOf, square } from '../fakes/samples.ts'
import { startSotto } from '../fakes/sotto.ts'

test('no more clauses of a listener are with hosts at once than lookaheadClauses', async () => {
  for (const lookaheadClauses of [1, 2, 4]) {
    let [running, most] = [0, 0]
    const synthesize = async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 20))
      running--
      return pcmOf([square(3)])
    }
    await using sotto = await startSotto({ audio: { lookaheadClauses, lookaheadSeconds: 60 } }, [
      hostOf('fake', { synthesize, slots: 8 }),
    ])
    // equal ones would be one call
    const input = [...'ABCDEF']
      .map((name) => `This is sentence ${name} of those that are to be said. `)
      .join('')
    const response = await sotto.post({ input })
    assert.equal(response.status, 200)
    await response.arrayBuffer()
    assert.equal(most, lookaheadClauses)
  }
})
