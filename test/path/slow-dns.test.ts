import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertAtRest,
  assertHonest,
  assertWhole,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'

/** A name that nothing but the test's own look-up can resolve. */
const NAMED = 'http://gpu.invalid'
/** Bun's fetch may wait for a look-up of its own that has failed: what bounds a connection must bound that too. */
const host = { slots: 16, timeouts: { connectMs: 200 } }

test('who asks before a slow name has its addresses waits for them, and hears all', async () => {
  await using gpu = await startPatternHost()
  const lookup = async () => {
    await new Promise((resolve) => setTimeout(resolve, 300))
    return ['127.0.0.1', '127.0.0.2'] // nobody listens at the second
  }
  const urls = [`${NAMED}:${gpu.port}`]
  await using sotto = await startPatternSotto({ urls, host, lookup })
  const callers = Array.from({ length: 6 }, (_, i) => sotto.call(sentencesOf(i)))
  for (const [i, caller] of callers.entries()) assertWhole(await caller.heard, sentencesOf(i))
  await assertAtRest(sotto, [gpu])
})

test('a look-up that never comes back delays nobody whose host has an address', async () => {
  await using gpu = await startPatternHost()
  const lookup = () => new Promise<never>(() => {})
  const urls = [`${NAMED}:${gpu.port}`, gpu.url]
  await using sotto = await startPatternSotto({ urls, host, lookup })
  for (let i = 0; i < 8; i++) {
    const began = performance.now()
    assertWhole(await sotto.call(sentencesOf(i)).heard, sentencesOf(i))
    assert.ok(performance.now() - began < 1_000)
  }
  await assertAtRest(sotto, [gpu])
})

test('a name that nobody knows is a 503 in time', async () => {
  const lookup = () => Promise.reject(new Error('ENOTFOUND'))
  await using sotto = await startPatternSotto({
    urls: [NAMED],
    host,
    config: { attempts: { baseMs: 20 } },
    lookup,
  })
  const text = sentencesOf('Pam')
  const heard = await sotto.call(text).heard
  assert.equal(assertHonest(heard, text), 'refused')
  assert.equal(heard.status, 503)
  await assertAtRest(sotto)
})
