import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Heard } from '../fakes/caller.ts'
import type { Behaviour } from '../fakes/cosyvoice-server.ts'
import {
  assertAtRest,
  assertHonest,
  assertWhole,
  PATIENT,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'
import { patternOf } from '../fakes/pattern-voice.ts'

const TEXT = sentencesOf('Ola', 2)
const others = [{ id: 'local', kind: 'embedded', fallback: true }]
const config = { attempts: { tries: 1, baseMs: 10 }, breaker: PATIENT }
const down: Behaviour = { refuse: { status: 500 } }

/** The sentences of which a part is heard as the host says them. */
function saidByHost({ body }: Heard): string[] {
  const heard = Buffer.from(body)
  return TEXT.filter((text) => {
    const { buffer } = patternOf(text, { rate: 24_000 })
    return heard.indexOf(new Uint8Array(buffer, 20_000, 200)) >= 0
  })
}

test('when no host can speak the embedded voice does, marked, and the host again once it can', async () => {
  await using host = await startPatternHost(down)
  await using sotto = await startPatternSotto({ urls: [host.url], others, config })
  const heard = await sotto.call(TEXT).heard
  assert.equal(heard.status, 200)
  assert.ok(heard.ended && heard.body.length > 48_000, 'it says something')
  assert.ok(heard.headers.get('x-sotto-degraded'))
  host.behave({ refuse: undefined })
  const next = await sotto.call(TEXT).heard
  assertWhole(next, TEXT)
  assert.equal(next.headers.get('x-sotto-degraded'), null)
  await assertAtRest(sotto, [host])
})

test('a reply that begins in the embedded voice stays in it, whatever the host can say of the rest', async () => {
  let isDown = /^/
  await using host = await startPatternHost({ behave: ({ text }) => (isDown.test(text) ? down : {}) })
  await using sotto = await startPatternSotto({ urls: [host.url], others, config })
  const all = await sotto.call(TEXT).heard
  isDown = /part 1/
  const heard = await sotto.call(TEXT).heard
  assert.ok(heard.headers.get('x-sotto-degraded'))
  const longer = heard.body.length / all.body.length
  assert.ok(heard.ended && longer > 0.98 && longer < 1.02, `${longer} times as long`)
  assert.deepEqual(saidByHost(heard), [])
  isDown = /$^/
  assert.deepEqual(saidByHost(await sotto.call(TEXT).heard), TEXT)
  await assertAtRest(sotto, [host])
})

test('a reply that began in its own voice is cut rather than ended in another', async () => {
  const refuses = (call: { text: string }) => (/part 2/.test(call.text) ? down : { rtf: 0.1 })
  await using host = await startPatternHost({ behave: refuses })
  await using sotto = await startPatternSotto({ urls: [host.url], others, config })
  assert.equal(assertHonest(await sotto.call(TEXT).heard, TEXT), 'cut')
  await assertAtRest(sotto, [host])
})

test('who refuses another voice gets an error instead', async () => {
  await using host = await startPatternHost(down)
  await using sotto = await startPatternSotto({ urls: [host.url], others, config })
  const heard = await sotto.call(TEXT, { body: { degrade: false } }).heard
  assert.equal(assertHonest(heard, TEXT), 'refused')
  await assertAtRest(sotto, [host])
})
