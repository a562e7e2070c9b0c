import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertAtRest,
  assertHonest,
  assertWhole,
  atFirst,
  BYTES_PER_SECOND,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
  timesAsked,
} from '../fakes/pattern-sotto.ts'

const TEXT = sentencesOf('Jo')

test('a silent reply is never heard: it is asked for again', async () => {
  await using host = await startPatternHost({ behave: atFirst({ level: 0 }) })
  await using sotto = await startPatternSotto({ urls: [host.url] })
  assertWhole(await sotto.call(TEXT).heard, TEXT)
  assert.equal(host.calls.length, 2 * TEXT.length)
  await assertAtRest(sotto, [host])
})

for (const [what, behaviour] of [
  ['silent', { level: 0 }],
  ['silent for ever', { level: 0, seconds: Infinity }],
] as const) {
  test(`a host that is always ${what} is a 502`, async () => {
    await using host = await startPatternHost(behaviour)
    await using sotto = await startPatternSotto({ urls: [host.url] })
    const heard = await sotto.call(TEXT).heard
    assert.equal(assertHonest(heard, TEXT), 'refused')
    assert.equal(heard.status, 502)
    await assertAtRest(sotto, [host])
  })
}

test('an endless reply that is heard is cut, and so is its host', async () => {
  await using host = await startPatternHost({ seconds: Infinity, rtf: 0.01 })
  await using sotto = await startPatternSotto({ urls: [host.url] })
  const heard = await sotto.call(TEXT).heard
  assert.equal(heard.status, 200)
  assert.equal(heard.ended, false)
  assert.ok(heard.body.length < 30 * BYTES_PER_SECOND, 'no more than the longest that the text may take')
  await assertAtRest(sotto, [host])
  assert.ok(host.calls.every(({ aborted }) => aborted))
})

test('an endless clause that nobody has heard is asked for again', async () => {
  const endless = atFirst({ seconds: Infinity }, { texts: /part 2/ })
  const slowly = ({ text }: { text: string }) => (/part 1/.test(text) ? { rtf: 0.8 } : {})
  await using host = await startPatternHost({ behave: (call) => ({ ...slowly(call), ...endless(call) }) })
  await using sotto = await startPatternSotto({ urls: [host.url] })
  assertWhole(await sotto.call(TEXT).heard, TEXT)
  assert.equal(timesAsked(host, TEXT[1]), 2)
  await assertAtRest(sotto, [host])
})
