import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Behaviour, CosyvoiceServer } from '../fakes/cosyvoice-server.ts'
import {
  assertAtRest,
  assertWhole,
  heldBy,
  type PatternSotto,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'

/** Of each sentence so much that no socket hides them all. */
const SECONDS = 10
const LONG = sentencesOf('Lou', 25)
const long = ({ text }: { text: string }): Behaviour =>
  /Lou/.test(text) ? { seconds: SECONDS } : { rtf: 0.01 }
const callsFor = (who: RegExp, { calls }: CosyvoiceServer) =>
  calls.filter(({ text }) => who.test(text)).length

/** Has others speak for so long; tells the longest that any of them took. */
async function othersFor(ms: number, sotto: PatternSotto): Promise<number> {
  const began = performance.now()
  let longest = 0
  for (let i = 0; performance.now() - began < ms; i++) {
    const since = performance.now()
    assertWhole(await sotto.call(sentencesOf(i, 2)).heard, sentencesOf(i, 2))
    longest = Math.max(longest, performance.now() - since)
  }
  return longest
}

/** Fails unless no place is held, with the listener still there. */
async function assertFree(sotto: PatternSotto): Promise<void> {
  let held = await heldBy(sotto)
  for (let i = 0; i < 50 && held.slots + held.waiting > 0; i++) held = await heldBy(sotto)
  assert.deepEqual({ slots: held.slots, waiting: held.waiting }, { slots: 0, waiting: 0 })
}

test('a listener who stalls holds no slot, disturbs nobody, and hears all when they go on', {
  timeout: 20_000,
}, async () => {
  await using host = await startPatternHost({ behave: long })
  await using sotto = await startPatternSotto({ urls: [host.url], host: { slots: 1 } })
  const stalled = sotto.call(LONG)
  stalled.stall()
  const longest = await othersFor(1_000, sotto)
  assert.ok(longest < 1_500, `others wait ${longest} ms`)
  await assertFree(sotto)
  assert.ok(callsFor(/Lou/, host) < LONG.length, 'nobody speaks far ahead of them')
  stalled.resume()
  assertWhole(await stalled.heard, LONG, { seconds: SECONDS })
  await assertAtRest(sotto, [host])
})

test('a listener who keeps a full spool for a minute is cut off, and until then disturbs nobody for longer', {
  timeout: 20_000,
}, async () => {
  await using host = await startPatternHost({ behave: long })
  const audio = { stallSeconds: 1, spoolSeconds: 2 } // a minute and its spool, sixty times as fast
  await using sotto = await startPatternSotto({ urls: [host.url], host: { slots: 1 }, audio })
  const stalled = sotto.call(LONG)
  stalled.stall()
  const longest = await othersFor(2_500, sotto)
  assert.ok(longest < 2_500, `others wait ${longest} ms`)
  await assertFree(sotto)
  stalled.resume()
  assert.equal((await stalled.heard).ended, false, 'who has missed something is told so')
  await assertAtRest(sotto, [host])
})

test('a listener who stalls and leaves frees the slot at once', { timeout: 20_000 }, async () => {
  await using host = await startPatternHost({ behave: long })
  await using sotto = await startPatternSotto({ urls: [host.url], host: { slots: 1 } })
  const stalled = sotto.call(LONG)
  stalled.stall()
  await new Promise((resolve) => setTimeout(resolve, 300))
  stalled.leave()
  const text = sentencesOf('Max')
  const began = performance.now()
  assertWhole(await sotto.call(text).heard, text)
  assert.ok(performance.now() - began < 1_000)
  await assertAtRest(sotto, [host])
})
