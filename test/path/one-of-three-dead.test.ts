import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertAtRest,
  assertWhole,
  type PatternSotto,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'
import { freePort } from '../fakes/port.ts'
import type { Sotto } from '../fakes/sotto.ts'

const AT_ONCE = 10

/** Many requests, some at once, each of which must come whole. */
async function crowd(sotto: PatternSotto, requests: number): Promise<void> {
  let next = 0
  const one = async () => {
    for (let i = next++; i < requests; i = next++) {
      const text = sentencesOf(i, 2)
      assertWhole(await sotto.call(text).heard, text)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

const breakerOf = async ({ url }: Sotto, host: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^sotto_breaker_state\\{host="${host}"\\} (.*)$`, 'm').exec(text)?.[1])
}

test('with one of three hosts failing a hundred requests notice nothing, and it is left alone', {
  timeout: 20_000,
}, async () => {
  await using one = await startPatternHost({ rtf: 0.005 })
  await using dead = await startPatternHost({ refuse: { status: 500 } })
  await using three = await startPatternHost({ rtf: 0.005 })
  await using sotto = await startPatternSotto({ urls: [one.url, dead.url, three.url] })
  await crowd(sotto, 100)
  assert.equal(await breakerOf(sotto, 'gpu-2'), 2)
  assert.ok(dead.calls.length >= 3 && dead.calls.length <= 3 + AT_ONCE, `asked ${dead.calls.length} times`)
  assert.ok(Math.min(one.calls.length, three.calls.length) > 50, 'the others share the work')
  await assertAtRest(sotto, [one, dead, three])
})

test('with one of three hosts gone nobody notices anything', { timeout: 20_000 }, async () => {
  await using one = await startPatternHost({ rtf: 0.005 })
  await using three = await startPatternHost({ rtf: 0.005 })
  const nobody = `http://127.0.0.1:${await freePort()}`
  await using sotto = await startPatternSotto({ urls: [one.url, nobody, three.url] })
  await crowd(sotto, 40)
  assert.deepEqual(sotto.services.router.troubles, ['gpu-2 cannot be reached: ECONNREFUSED'])
  await assertAtRest(sotto, [one, three])
})
