import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { sentences } from '../../../src/clauses/sentences/sentences.ts'
import chinese from '../../data/chinese.json'
import languages from '../../data/languages.json'
import golden from '../../data/sentences.json'
import { chunked, nasty, sentencesOf, solid } from '../chunks.ts'

type Case = readonly [text: string, sentences: readonly string[]]

const { about: _, ...byLanguage } = golden
const sets = Object.entries({
  ...byLanguage,
  chinese: chinese.cases,
  languages: languages.cases,
}) as unknown as [string, Case[]][]

describe.each(sets)('sentences() of %s', (_name, cases) => {
  test.each(cases)('%s', (text, expected) => {
    expect(sentences(text)).toEqual([...expected])
  })

  test('are the same, however the text is chunked', () => {
    for (const [text, expected] of cases) expect(sentencesOf([...text])).toEqual([...expected])
    fc.assert(
      fc.property(chunked(fc.constantFrom(...cases.map(([text]) => text))), (chunks) => {
        expect(sentencesOf(chunks)).toEqual(sentences(chunks.join('')))
      }),
      { numRuns: 100 },
    )
  })
})

test('sentences() are the same for any text in any chunks', () => {
  fc.assert(
    fc.property(chunked(nasty), (chunks) => {
      expect(sentencesOf(chunks)).toEqual(sentences(chunks.join('')))
    }),
    { numRuns: 2000 },
  )
})

test('sentences() lose and double nothing but white space', () => {
  const text = fc
    .array(fc.constantFrom(...'aB1 .!?,。！你“”"()\n-*_…'), { maxLength: 60 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, (whole) => {
      expect(solid(sentences(whole).join(''))).toBe(solid(whole))
    }),
    { numRuns: 2000 },
  )
})

test('sentences() of nothing are none', () => {
  expect(sentences('')).toEqual([])
  expect(sentences(' \n\n \t')).toEqual([])
})

test('sentences() change no more than white space', () => {
  expect(sentences('**Bold** and 😀.\nSee https://a.b/c.')).toEqual([
    '**Bold** and 😀.',
    'See https://a.b/c.',
  ])
})
