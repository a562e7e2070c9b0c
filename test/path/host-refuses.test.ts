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
import { freePort } from '../fakes/port.ts'

const TEXT = sentencesOf('Kim')

test('who asks while the host is down hears it once it is up', async () => {
  const port = await freePort()
  await using sotto = await startPatternSotto({ urls: [`http://127.0.0.1:${port}`] })
  const callers = Array.from({ length: 6 }, (_, i) => sotto.call(sentencesOf(i)))
  await new Promise((resolve) => setTimeout(resolve, 250))
  await using host = await startPatternHost({ port })
  for (const [i, caller] of callers.entries()) assertWhole(await caller.heard, sentencesOf(i))
  await assertAtRest(sotto, [host])
})

test('a host that stays down is a 503 in time, and speaks again as soon as it is up', async () => {
  const port = await freePort()
  const config = { attempts: { baseMs: 20, awaySeconds: 1 } }
  await using sotto = await startPatternSotto({ urls: [`http://127.0.0.1:${port}`], config })
  const began = performance.now()
  for (let i = 0; i < 5; i++) {
    const heard = await sotto.call(TEXT).heard
    assert.equal(assertHonest(heard, TEXT), 'refused')
    assert.equal(heard.status, 503)
  }
  assert.ok(performance.now() - began < 3_000) // they wait for it once
  await using host = await startPatternHost({ port })
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  assertWhole(await sotto.call(TEXT).heard, TEXT)
  await assertAtRest(sotto, [host])
})
