import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { speakable } from '../../../src/clauses/speakable/speakable.ts'
import { Splitter } from '../../../src/clauses/splitter.ts'
import { terminated } from '../../../src/clauses/spoken.ts'
import markdown from '../../data/markdown.json'
import { chunked, pieces } from '../chunks.ts'

const cases = markdown.cases as unknown as readonly (readonly [text: string, said: readonly string[]])[]
const saidOf = (chunks: readonly string[]): string[] => pieces(chunks).map(({ text }) => terminated(text))

test.each(cases)('Markdown of a model is said well: %s', (text, expected) => {
  expect(saidOf([text])).toEqual([...expected])
})

test('Markdown of a model is said the same in any chunks', () => {
  for (const [text, expected] of cases) expect(saidOf([...text])).toEqual([...expected])
  fc.assert(
    fc.property(chunked(fc.constantFrom(...cases.map(([text]) => text))), (chunks) => {
      expect(saidOf(chunks)).toEqual(saidOf([chunks.join('')]))
    }),
    { numRuns: 300 },
  )
})

test('Markdown that is open at a flush is said as it is', () => {
  const splitter = new Splitter({ speakable: speakable() })
  splitter.push('See [this and **that')
  expect(splitter.flush().map(({ text }) => text)).toEqual(['See [this and that'])
})
