import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import { chances } from '../fakes/chances.ts'
import {
  assertAtRest,
  assertWhole,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'

const STAY = 0.2
/** So many callers have a text of their own; others share one. */
const OWN = 0.6

for (const [callers, onAbandon] of [
  [500, 'abort'],
  [200, 'drain'],
] as const) {
  test(`of ${callers} callers those who leave (${onAbandon}) leave nothing, and those who stay hear theirs`, {
    timeout: 20_000,
  }, async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    const { next, pick, wait } = chances(7)
    await using one = await startPatternHost({ rtf: 0.01, firstByteMs: 2 })
    await using two = await startPatternHost({ rtf: 0.01, firstByteMs: 2 })
    await using sotto = await startPatternSotto({
      urls: [one.url, two.url],
      host: { slots: 8, onAbandon },
      config: { queue: { maxRequests: 10_000 } },
    })
    let stayed = 0
    const callerAt = async (i: number) => {
      const text = sentencesOf(i % (callers * OWN), 2)
      const stays = next() < STAY
      await wait(800)
      const caller = sotto.call(text)
      if (stays) {
        assertWhole(await caller.heard, text)
        stayed++
        return
      }
      if (next() < 0.3) await caller.until(Math.ceil(next() * 50_000)).catch(() => {})
      else await wait(600)
      caller.leave(pick(['destroy', 'end', 'resetAndDestroy'] as const))
    }
    await Promise.all(Array.from({ length: callers }, (_, i) => callerAt(i)))
    assert.ok(stayed > callers * STAY * 0.7, `${stayed} stayed`)
    await assertAtRest(sotto, [one, two])
    assert.equal(one.running + two.running, 0)
    process.off('unhandledRejection', note)
    assert.deepEqual(unhandled, [])
  })
}
