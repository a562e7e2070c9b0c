import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Behaviour } from '../fakes/cosyvoice-server.ts'
import {
  assertAtRest,
  assertHonest,
  assertWhole,
  atFirst,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
  timesAsked,
} from '../fakes/pattern-sotto.ts'

const TEXT = sentencesOf('Ann')
const [FIRST, SECOND] = TEXT as [string, string]
/** The first sentence takes most of a second: what is fetched ahead is not heard until then. */
const slowly = ({ text }: { text: string }): Behaviour => (/part 1/.test(text) ? { rtf: 0.5 } : {})

test('a reply that is cut before any audio is asked for again, and comes whole', async () => {
  await using host = await startPatternHost({ behave: atFirst({ cutAfterBytes: 0 }) })
  await using sotto = await startPatternSotto({ urls: [host.url] })
  assertWhole(await sotto.call(TEXT).heard, TEXT)
  assert.equal(host.calls.length, 2 * TEXT.length)
  await assertAtRest(sotto, [host])
})

test('a reply that is cut before any audio each time is a 502', async () => {
  await using host = await startPatternHost({ cutAfterBytes: 0 })
  await using sotto = await startPatternSotto({ urls: [host.url] })
  const heard = await sotto.call(TEXT).heard
  assert.equal(assertHonest(heard, TEXT), 'refused')
  assert.equal(heard.status, 502)
  await assertAtRest(sotto, [host])
})

for (const cutAfterBytes of [2, 40_001]) {
  test(`a clause that is cut after ${cutAfterBytes} bytes and not yet heard is asked for again`, async () => {
    const cut = atFirst({ cutAfterBytes }, { texts: /part [23]/ })
    await using host = await startPatternHost({ behave: (call) => ({ ...slowly(call), ...cut(call) }) })
    await using sotto = await startPatternSotto({ urls: [host.url] })
    assertWhole(await sotto.call(TEXT).heard, TEXT)
    assert.deepEqual(
      TEXT.map((sentence) => timesAsked(host, sentence)),
      [1, 2, 2],
    )
    await assertAtRest(sotto, [host])
  })
}

test('a clause that is cut while it is heard is a cut reply, and is not said again', async () => {
  await using host = await startPatternHost({
    behave: atFirst({ cutAfterBytes: 40_001, rtf: 0.2 }, { texts: /part 1/ }),
  })
  await using sotto = await startPatternSotto({ urls: [host.url] })
  const heard = await sotto.call(TEXT).heard
  assert.equal(assertHonest(heard, TEXT), 'cut')
  assert.ok(heard.body.length > 0, 'it was heard')
  assert.equal(timesAsked(host, FIRST), 1)
  await assertAtRest(sotto, [host])
})

test('a later clause that is cut while it is heard ends events with an error, never with done', async () => {
  await using host = await startPatternHost({
    behave: atFirst({ cutAfterBytes: 40_001, rtf: 0.5 }, { texts: /part 2/ }),
  })
  await using sotto = await startPatternSotto({ urls: [host.url] })
  const heard = await sotto.call(TEXT, { body: { stream_format: 'sse' } }).heard
  const events = new TextDecoder().decode(heard.body)
  assert.equal(heard.status, 200)
  assert.match(events, /speech\.audio\.delta/)
  assert.match(events, /speech\.audio\.error/)
  assert.doesNotMatch(events, /speech\.audio\.done/)
  assert.equal(timesAsked(host, SECOND), 1)
  await assertAtRest(sotto, [host])
})
