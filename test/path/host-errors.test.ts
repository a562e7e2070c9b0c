import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chances } from '../fakes/chances.ts'
import type { Behaviour, FakeCall } from '../fakes/cosyvoice-server.ts'
import {
  assertAtRest,
  assertHonest,
  assertWhole,
  PATIENT,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'

test('a host that answers 500 each time is a 502, asked three times and then left alone', {
  timeout: 20_000,
}, async () => {
  await using host = await startPatternHost({ refuse: { status: 500 } })
  await using sotto = await startPatternSotto({ urls: [host.url] })
  const text = sentencesOf('Hal', 1)
  const heard = await sotto.call(text).heard
  assert.equal(assertHonest(heard, text), 'refused')
  assert.equal(heard.status, 502)
  assert.equal(host.calls.length, 3)
  for (let i = 0; i < 10; i++) assertHonest(await sotto.call(sentencesOf(i, 1)).heard, sentencesOf(i, 1))
  assert.ok(host.calls.length <= 9, `asked ${host.calls.length} times`) // three requests open its breaker
  await assertAtRest(sotto, [host])
})

/** Fails by chance, for one text at most twice, whichever of the hosts is asked. */
function moody(seed: number): (call: FakeCall) => Behaviour {
  const { next, pick } = chances(seed)
  const failed = new Map<string, number>()
  return ({ text }) => {
    const before = failed.get(text) ?? 0
    const fails = next() < 0.12 && before < 2
    if (fails) failed.set(text, before + 1)
    const status = pick([500, 502, 504])
    return fails ? pick<Behaviour>([{ refuse: { status } }, { cutAfterBytes: 0 }]) : {}
  }
}

for (const hosts of [1, 3]) {
  test(`errors by chance at ${hosts} host(s) are heard by none of thirty`, { timeout: 20_000 }, async () => {
    const behave = moody(hosts)
    const servers = await Promise.all(Array.from({ length: hosts }, () => startPatternHost({ behave })))
    await using sotto = await startPatternSotto({
      urls: servers.map(({ url }) => url),
      config: { breaker: PATIENT }, // three in a row may fail by chance
    })
    const callers = Array.from({ length: 30 }, (_, i) => sotto.call(sentencesOf(i)))
    for (const [i, caller] of callers.entries()) assertWhole(await caller.heard, sentencesOf(i))
    const asked = servers.reduce((sum, { calls }) => sum + calls.length, 0)
    assert.ok(asked > 30 * 3 * 1.05, `${asked} calls: some failed`)
    await assertAtRest(sotto, servers)
    await Promise.all(servers.map((server) => server.close()))
  })
}
