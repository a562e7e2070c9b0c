import { expect, test } from 'bun:test'
import { SentenceStream } from '../../../src/clauses/sentences/sentence-stream.ts'

test('SentenceStream gives a sentence as soon as it is sure, and the rest at the end', async () => {
  const stream = new SentenceStream()
  const writer = stream.writable.getWriter()
  const reader = stream.readable.getReader()
  const first = reader.read()
  await writer.write('One is here. T')
  expect(await first).toEqual({ done: false, value: 'One is here.' })
  const second = reader.read()
  void writer.write('wo is')
  void writer.close()
  expect(await second).toEqual({ done: false, value: 'Two is' })
  expect((await reader.read()).done).toBe(true)
})
