import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCosyvoiceProcess } from '../fakes/cosyvoice-process.ts'
import {
  assertAtRest,
  assertHonest,
  assertWhole,
  BYTES_PER_SECOND,
  PATTERN_FLAGS,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'

test('a host that is killed mid-word and restarted is noticed by nobody but who was hearing it', {
  timeout: 20_000,
}, async () => {
  await using gpu = await startCosyvoiceProcess(...PATTERN_FLAGS, '--rtf', '0.25', '--first-byte-ms', '50')
  await using sotto = await startPatternSotto({ urls: [gpu.url], host: { slots: 2 } })
  const hearing = sotto.call(sentencesOf('Cleo'))
  await hearing.until(0.3 * BYTES_PER_SECOND)
  const waiting = ['Dan', 'Eve', 'Flo', 'Gus'].map((who) => ({
    text: sentencesOf(who, 2),
    caller: sotto.call(sentencesOf(who, 2)),
  }))
  await new Promise((resolve) => setTimeout(resolve, 20)) // one of them is at the host, without audio yet
  await gpu.kill()
  const cut = await hearing.heard
  assert.equal(assertHonest(cut, sentencesOf('Cleo')), 'cut')
  await gpu.start()
  for (const { text, caller } of waiting) assertWhole(await caller.heard, text)
  await assertAtRest(sotto)
})

test('a host that is killed in a crowd leaves nobody with a wrong or an endless reply', {
  timeout: 20_000,
}, async () => {
  await using gpu = await startCosyvoiceProcess(...PATTERN_FLAGS, '--rtf', '0.1')
  await using sotto = await startPatternSotto({ urls: [gpu.url] })
  const callers = Array.from({ length: 18 }, (_, i) => sotto.call(sentencesOf(i)))
  await callers[0]!.until(1)
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => setTimeout(resolve, 150))
    await gpu.kill()
    await gpu.start()
  }
  const ends = { whole: 0, cut: 0, refused: 0 }
  for (const [i, caller] of callers.entries()) ends[assertHonest(await caller.heard, sentencesOf(i))]++
  assert.ok(ends.whole >= 6, JSON.stringify(ends))
  assert.ok(ends.cut <= 12, JSON.stringify(ends)) // of four at once, twice, some again in their next clause
  await assertAtRest(sotto)
})

test('with a second host the next requests do not notice that the first was killed', {
  timeout: 20_000,
}, async () => {
  await using killed = await startCosyvoiceProcess(...PATTERN_FLAGS, '--rtf', '0.2')
  await using well = await startPatternHost({ rtf: 0.05 })
  await using sotto = await startPatternSotto({ urls: [killed.url, well.url] })
  const before = Array.from({ length: 4 }, (_, i) => sotto.call(sentencesOf(`before ${i}`)))
  await before[0]!.until(1)
  await killed.kill()
  const after = Array.from({ length: 8 }, (_, i) => sotto.call(sentencesOf(`after ${i}`)))
  for (const [i, caller] of before.entries()) assertHonest(await caller.heard, sentencesOf(`before ${i}`))
  for (const [i, caller] of after.entries()) assertWhole(await caller.heard, sentencesOf(`after ${i}`))
  await assertAtRest(sotto, [well])
})
