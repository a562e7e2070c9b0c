import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertAtRest,
  assertHonest,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'

test('a full queue refuses some at once, and cuts no reply that has begun', { timeout: 20_000 }, async () => {
  await using host = await startPatternHost({ rtf: 0.02 })
  const config = { queue: { maxRequests: 8 } }
  await using sotto = await startPatternSotto({ urls: [host.url], host: { slots: 2 }, config })
  const callers = Array.from({ length: 14 }, (_, i) => sotto.call(sentencesOf(i, 6)))
  const ends = { whole: 0, cut: 0, refused: 0 }
  for (const [i, caller] of callers.entries()) ends[assertHonest(await caller.heard, sentencesOf(i, 6))]++
  assert.equal(ends.cut, 0, JSON.stringify(ends))
  assert.ok(ends.whole >= 6 && ends.refused > 0, JSON.stringify(ends))
  await assertAtRest(sotto, [host])
})
