import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertAtRest,
  assertWhole,
  atFirst,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'

const HOUR_MS = 3_600_000

/** The wall clock, set as an operator or a time server does it. */
function wallClock() {
  const { now } = Date
  return {
    jump: (ms: number) => void (Date.now = () => now.call(Date) + ms),
    [Symbol.dispose]: () => void (Date.now = now),
  }
}

for (const jumps of [[-HOUR_MS], [HOUR_MS, -24 * HOUR_MS, HOUR_MS]]) {
  test(`a clock that jumps by ${jumps.map((ms) => ms / HOUR_MS)} h within a reply changes nothing`, async () => {
    using clock = wallClock()
    const fails = atFirst({ refuse: { status: 500 } }, { texts: /part 3/ })
    await using host = await startPatternHost({ rtf: 0.2, behave: fails })
    const timeouts = { firstAudioMs: 2_000, gapMs: 2_000, clauseMs: 5_000, perCharMs: 1 }
    const audio = { pace: 'realtime' }
    await using sotto = await startPatternSotto({
      urls: [host.url],
      host: { timeouts },
      audio,
    })
    const text = sentencesOf('Ned')
    const began = performance.now()
    const caller = sotto.call(text)
    for (const [i, ms] of jumps.entries()) {
      await caller.until(20_000 * (i + 1))
      clock.jump(ms)
    }
    assertWhole(await caller.heard, text)
    assert.ok(performance.now() - began < 5_000)
    const next = sentencesOf('Ned again')
    assertWhole(await sotto.call(next).heard, next)
    await assertAtRest(sotto, [host])
  })
}
