import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostOf } from '../fakes/host.ts'
import { pcmOf, square } from '../fakes/samples.ts'
import { startSotto } from '../fakes/sotto.ts'

const TEXT =
  'This is the first sentence of the text. Here is the second one, which takes its time. And a third.'

test('the first sentence is heard while the second is still being said', async () => {
  const second = Promise.withResolvers<void>()
  const said: string[] = []
  const host = hostOf('fake', {
    synthesize: async ({ index, spoken }) => {
      said.push(spoken)
      if (index > 0) await second.promise
      return pcmOf([square(1.5)])
    },
  })
  await using sotto = await startSotto({ clauses: { firstChars: 200 } }, [host])
  const response = await sotto.post({ input: TEXT })
  const reader = response.body!.getReader()
  const first = await reader.read()
  assert.ok(first.value!.length >= 1440, 'at least 30 ms')
  assert.equal(said[0], 'This is the first sentence of the text.')
  second.resolve()
  while (!(await reader.read()).done) {}
})

test('clauses are heard in order though hosts finish in another', async () => {
  const host = hostOf('fake', {
    synthesize: async ({ index }) => {
      await new Promise((resolve) => setTimeout(resolve, index % 2 === 0 ? 20 : 1))
      return pcmOf([square(1.5, { level: 1000 * (index + 1) })])
    },
  })
  await using sotto = await startSotto({ audio: { trim: false, lookaheadClauses: 4 } }, [host])
  const response = await sotto.post({ input: TEXT })
  const samples = new Int16Array(await response.arrayBuffer())
  const levels = [...samples].filter((sample, i) => sample > 0 && sample === samples[i + 1]) // no fades
  assert.deepEqual(
    levels,
    levels.toSorted((a, b) => a - b),
  )
  assert.ok(new Set(levels).size >= 3)
})

test('the pause between two sentences is exact to a sample', async () => {
  const host = hostOf('fake', { synthesize: async () => pcmOf([square(1)]) })
  const pauses = { clause: 0, sentence: 250, paragraph: 500 }
  await using sotto = await startSotto({ clauses: { firstChars: 200, minChars: 1, pauses } }, [host])
  const response = await sotto.post({
    input: 'This is a first sentence here. This is a second sentence here.',
  })
  const samples = new Int16Array(await response.arrayBuffer())
  assert.equal(samples.length, 24_000 + 6_000 + 24_000)
  assert.ok(samples.subarray(24_000, 30_000).every((sample) => sample === 0))
  assert.equal(Math.abs(samples[30_000 + 240]!), 5000)
})
