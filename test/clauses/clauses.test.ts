import { describe, expect, test } from 'bun:test'
import { type ClausesOptions, clausesOf } from '../../src/clauses/clauses.ts'

const manner = { voice: 'anna', speed: 1 }
const said = (text: string, lexicon: { pattern: string; replacement: string }[]) =>
  [...clausesOf(text, { manner, lexicon })].map(({ spoken }) => spoken)

describe('clausesOf()', () => {
  test('says what the lexicon has for a word, however long that is', () => {
    const long = 'so '.repeat(333)
    expect(said('Hi x.', [{ pattern: 'x', replacement: long.trim() }])).toEqual([`Hi ${long.trim()}.`])
  })

  test('refuses a lexicon that swells a text, clause by clause', () => {
    const entry = { pattern: 'x', replacement: 'long '.repeat(180).trim() }
    expect(said('Say my x! '.repeat(11), [entry])).toHaveLength(11)
    expect(() => said('Say my x! '.repeat(12), [entry])).toThrow(
      'make 10776 characters more of 108; replace less',
    )
  })

  test('gives a clone nothing shorter than half of what its recording says', () => {
    const text = '你好。我很好。今天怎么样？还行吧，谢谢。那就好，我们明天再见。'
    const cut = (voice?: ClausesOptions['voice']) =>
      [...clausesOf(text, { manner, ...(voice && { voice }) })].map((clause) => clause.text)
    expect(cut()).toEqual(['你好。我很好。', '今天怎么样？', '还行吧，谢谢。', '那就好，我们明天再见。'])
    const transcript = '希望你以后能够做的比我还好呦。'
    expect(cut({ languages: [], transcript })).toEqual([
      '你好。我很好。今天怎么样？',
      '还行吧，谢谢。那就好，我们明天再见。',
    ])
    expect(cut({ languages: [], transcript: transcript.repeat(60) })).toEqual([text])
  })

  test('refuses a lexicon that swells a clause beyond all bounds', () => {
    const swell = () => said('x '.repeat(40), [{ pattern: 'x', replacement: 'long '.repeat(100) }])
    expect(swell).toThrow(
      /^lexicon: the request's and the config's make a clause longer than 1200 characters; replace less, or by less$/,
    )
  })
})
