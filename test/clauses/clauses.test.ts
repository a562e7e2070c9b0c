import { describe, expect, test } from 'bun:test'
import { clausesOf } from '../../src/clauses/clauses.ts'

const manner = { voice: 'anna', speed: 1 }
const said = (text: string, lexicon: { pattern: string; replacement: string }[]) =>
  [...clausesOf(text, { manner, lexicon })].map(({ spoken }) => spoken)

describe('clausesOf()', () => {
  test('says what the lexicon has for a word, however long that is', () => {
    const long = 'so '.repeat(333)
    expect(said('Hi x.', [{ pattern: 'x', replacement: long.trim() }])).toEqual([`Hi ${long.trim()}.`])
  })

  test('refuses a lexicon that swells a clause beyond all bounds', () => {
    const swell = () => said('x '.repeat(40), [{ pattern: 'x', replacement: 'long '.repeat(100) }])
    expect(swell).toThrow(
      /^lexicon: the request's and the config's make a clause longer than 1200 characters; replace less, or by less$/,
    )
  })
})
