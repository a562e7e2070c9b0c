import { test } from 'node:test'
import {
  assertAtRest,
  assertWhole,
  PERSISTENT,
  sentencesOf,
  startPatternHost,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'
import { freePort } from '../fakes/port.ts'

test('who asks while the host is down hears it once it is up', async () => {
  const port = await freePort()
  await using sotto = await startPatternSotto({ urls: [`http://127.0.0.1:${port}`], config: PERSISTENT })
  const callers = Array.from({ length: 6 }, (_, i) => sotto.call(sentencesOf(i)))
  await new Promise((resolve) => setTimeout(resolve, 250))
  await using host = await startPatternHost({ port })
  for (const [i, caller] of callers.entries()) assertWhole(await caller.heard, sentencesOf(i))
  await assertAtRest(sotto, [host])
})
