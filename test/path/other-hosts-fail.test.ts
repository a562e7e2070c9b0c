import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PATTERN_KINDS } from '../fakes/pattern-hosts.ts'
import {
  assertAtRest,
  assertWhole,
  type PatternSotto,
  sentencesOf,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'
import { freePort } from '../fakes/port.ts'

const PATIENCE_MS = 300
const host = { timeouts: { firstAudioMs: PATIENCE_MS, gapMs: PATIENCE_MS, clauseMs: 5_000, perCharMs: 1 } }
/** So that those who ask at once are shared among hosts. */
const SLOWLY = { firstByteMs: 40 }

/** Has several speak at once, so that each host is asked, and others after them. */
async function assertAllWhole(sotto: PatternSotto): Promise<void> {
  await sotto.services.router.settled
  const texts = Array.from({ length: 6 }, (_, i) => sentencesOf(i, 2))
  const callers = texts.slice(0, 4).map((text) => sotto.call(text))
  for (const [i, caller] of callers.entries()) assertWhole(await caller.heard, texts[i]!)
  for (const text of texts.slice(4)) assertWhole(await sotto.call(text).heard, text)
}

for (const [name, kind] of Object.entries(PATTERN_KINDS)) {
  for (const fault of [...kind.hangs, ...kind.cuts]) {
    test(`${name}: beside a host that always ${fault} another speaks, in time`, async () => {
      await using ill = await kind.start({ fault })
      await using well = await kind.start(SLOWLY)
      const urls = [ill.url, well.url]
      await using sotto = await startPatternSotto({ urls, kind: kind.settings, host })
      const began = performance.now()
      await assertAllWhole(sotto)
      assert.ok(performance.now() - began < 5_000)
      assert.ok(ill.calls.length > 0, 'it was tried')
      await assertAtRest(sotto, [ill, well])
    })

    test(`${name}: a host that once ${fault} is asked again, and heard whole`, async () => {
      const [sentence] = sentencesOf('Ann') as [string]
      await using gpu = await kind.start({ fault, times: 1 })
      await using sotto = await startPatternSotto({ urls: [gpu.url], kind: kind.settings, host })
      assertWhole(await sotto.call([sentence]).heard, [sentence])
      assert.deepEqual(gpu.texts, [sentence, sentence])
      await assertAtRest(sotto, [gpu])
    })
  }

  test(`${name}: beside a host that is down another speaks`, async () => {
    await using well = await kind.start(SLOWLY)
    const nobody = `http://127.0.0.1:${await freePort()}`
    await using sotto = await startPatternSotto({ urls: [nobody, well.url], kind: kind.settings, host })
    await assertAllWhole(sotto)
    await assertAtRest(sotto, [well])
  })
}
