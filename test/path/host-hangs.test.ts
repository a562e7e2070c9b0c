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

const TEXT = sentencesOf('Ben')
const PATIENCE_MS = 150
const host = { timeouts: { firstAudioMs: PATIENCE_MS, gapMs: PATIENCE_MS, clauseMs: 5_000, perCharMs: 1 } }

const HANGS: Readonly<Record<string, Behaviour>> = {
  'before its headers': { hang: 'headers' },
  'before its audio': { hang: 'audio' },
}

for (const [when, behaviour] of Object.entries(HANGS)) {
  test(`a host that hangs ${when} is given up, and asked again`, async () => {
    await using gpu = await startPatternHost({ behave: atFirst(behaviour) })
    await using sotto = await startPatternSotto({ urls: [gpu.url], host })
    assertWhole(await sotto.call(TEXT).heard, TEXT)
    assert.ok(gpu.calls.every(({ aborted, firstByteAt }) => aborted || firstByteAt !== undefined))
    await assertAtRest(sotto, [gpu])
  })

  test(`a host that always hangs ${when} is a 504 in time, for all who wait in its queue too`, async () => {
    await using gpu = await startPatternHost(behaviour)
    const config = { attempts: { tries: 1, baseMs: 50 } }
    await using sotto = await startPatternSotto({ urls: [gpu.url], host: { ...host, slots: 2 }, config })
    const began = performance.now()
    const callers = Array.from({ length: 6 }, (_, i) => sotto.call(sentencesOf(i)))
    for (const [i, caller] of callers.entries()) {
      const heard = await caller.heard
      assert.equal(assertHonest(heard, sentencesOf(i)), 'refused')
      assert.ok([503, 504].includes(heard.status), `status ${heard.status}`)
    }
    assert.ok(performance.now() - began < 3_000)
    await assertAtRest(sotto, [gpu])
  })

  test(`beside a host that hangs ${when} another speaks`, async () => {
    await using hung = await startPatternHost(behaviour)
    await using well = await startPatternHost()
    await using sotto = await startPatternSotto({ urls: [hung.url, well.url], host })
    const callers = Array.from({ length: 8 }, (_, i) => sotto.call(sentencesOf(i)))
    for (const [i, caller] of callers.entries()) assertWhole(await caller.heard, sentencesOf(i))
    assert.ok(hung.calls.length > 0, 'it was tried')
    await assertAtRest(sotto, [hung, well])
  })
}

test('a host that hangs within audio that is heard ends the reply as a cut one, in time', async () => {
  await using gpu = await startPatternHost({
    behave: atFirst({ hangAfterBytes: 40_001 }, { texts: /part 1/ }),
  })
  await using sotto = await startPatternSotto({ urls: [gpu.url], host })
  const began = performance.now()
  const heard = await sotto.call(TEXT).heard
  assert.equal(assertHonest(heard, TEXT), 'cut')
  assert.ok(heard.body.length > 0, 'it was heard')
  assert.ok(performance.now() - began < 2_000)
  assert.equal(timesAsked(gpu, TEXT[0]), 1)
  await assertAtRest(sotto, [gpu])
})

test('a host that hangs within audio that nobody has heard is asked again', async () => {
  const hang = atFirst({ hangAfterBytes: 20_001 }, { texts: /part 2/ })
  const slowly = ({ text }: { text: string }) => (/part 1/.test(text) ? { rtf: 0.6 } : {})
  await using gpu = await startPatternHost({ behave: (call) => ({ ...slowly(call), ...hang(call) }) })
  await using sotto = await startPatternSotto({ urls: [gpu.url], host })
  assertWhole(await sotto.call(TEXT).heard, TEXT)
  assert.equal(timesAsked(gpu, TEXT[1]), 2)
  await assertAtRest(sotto, [gpu])
})
