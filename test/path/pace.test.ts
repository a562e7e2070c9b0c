import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostOf } from '../fakes/host.ts'
import { pcmOf, square } from '../fakes/samples.ts'
import { startSotto } from '../fakes/sotto.ts'

const CLAUSE_SECONDS = 0.3
const LOOKAHEAD_SECONDS = 0.6
const CLAUSES = 6

test('at real time a host is asked no further than the clock and the lookahead allow', async () => {
  const calls: number[] = []
  const synthesize = async () => {
    calls.push(performance.now())
    return pcmOf([square(CLAUSE_SECONDS)])
  }
  const pauses = { clause: 0, sentence: 0, paragraph: 0 }
  const audio = { pace: 'realtime', lookaheadSeconds: LOOKAHEAD_SECONDS, lookaheadClauses: 4, trim: false }
  const config = { audio, clauses: { firstChars: 200, pauses } }
  await using sotto = await startSotto(config, [hostOf('fake', { synthesize })])
  const response = await sotto.post({ input: 'Say it again. '.repeat(CLAUSES) })
  const { byteLength } = await response.arrayBuffer() // read as fast as it comes
  assert.equal(byteLength, CLAUSES * Math.round(CLAUSE_SECONDS * 48_000))
  assert.equal(calls.length, CLAUSES)
  for (const [before, at] of calls.entries()) {
    const heard = (at - calls[0]!) / 1000
    const asked = before * CLAUSE_SECONDS
    assert.ok(asked < LOOKAHEAD_SECONDS + heard, `${asked} s asked for when ${heard} s can have been heard`)
  }
})
