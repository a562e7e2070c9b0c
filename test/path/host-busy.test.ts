import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertAtRest,
  assertHonest,
  assertWhole,
  atFirst,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'

const busy = (seconds: number) => ({
  refuse: { status: 429, headers: { 'retry-after': `${seconds}` }, body: 'Too many' },
})
const TEXT = sentencesOf('Ida', 2)

test('a host that asks for a second is not called within it, by anybody, and then all comes whole', async () => {
  await using host = await startPatternHost({ behave: atFirst(busy(1), { texts: /Ida.*part 1/ }) })
  await using sotto = await startPatternSotto({ urls: [host.url], host: { slots: 1 } })
  const first = sotto.call(TEXT)
  while (host.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  const others = Array.from({ length: 4 }, (_, i) => sotto.call(sentencesOf(i)))
  assertWhole(await first.heard, TEXT)
  for (const [i, caller] of others.entries()) assertWhole(await caller.heard, sentencesOf(i))
  const [asked, ...later] = host.calls.map(({ startedAt }) => startedAt)
  const soonest = Math.min(...later) - asked!
  assert.ok(soonest >= 990, `called again after ${soonest} ms`)
  assert.ok(soonest < 2_000, `called again after ${soonest} ms only`)
  await assertAtRest(sotto, [host])
})

test('beside a host that asks for time another is asked at once', async () => {
  await using resting = await startPatternHost(busy(20))
  await using well = await startPatternHost()
  await using sotto = await startPatternSotto({ urls: [resting.url, well.url] })
  for (let i = 0; i < 12; i++) {
    const began = performance.now()
    assertWhole(await sotto.call(sentencesOf(i)).heard, sentencesOf(i))
    assert.ok(performance.now() - began < 1_000)
  }
  assert.ok(resting.calls.length >= 1 && resting.calls.length <= 4, `asked ${resting.calls.length} times`)
  await assertAtRest(sotto, [resting, well])
})

test('a host that asks for longer than anybody waits is an error that says when to come again', async () => {
  await using host = await startPatternHost(busy(30))
  await using sotto = await startPatternSotto({ urls: [host.url], host: { slots: 1 } })
  const callers = [TEXT, sentencesOf('in its queue')].map((text) => ({ text, caller: sotto.call(text) }))
  await callers[0]?.caller.heard
  callers.push({ text: sentencesOf('later'), caller: sotto.call(sentencesOf('later')) })
  for (const { text, caller } of callers) {
    const heard = await caller.heard
    assert.equal(assertHonest(heard, text), 'refused')
    assert.equal(heard.status, 503)
    const wait = Number(heard.headers.get('retry-after'))
    assert.ok(wait >= 29 && wait <= 31, `Retry-After: ${wait}`)
  }
  assert.equal(host.calls.length, 1)
  await assertAtRest(sotto, [host])
})
