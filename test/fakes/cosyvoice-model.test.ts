import { describe, expect, test } from 'bun:test'
import { piecesOf, tone } from './cosyvoice-model.ts'

describe('piecesOf()', () => {
  test('joins sentences until they are long enough, and drops what holds no letter', () => {
    const text = 'One. Two! 三。 — '
    expect(piecesOf(text, 1)).toEqual(['One.', ' Two!', ' 三。'])
    expect(piecesOf(text, 9)).toEqual(['One. Two!', ' 三。 — '])
  })

  test('leaves a text with a mark whole, and the mark unsaid', () => {
    expect(piecesOf('<|en|>One. Two.', 1)).toEqual(['One. Two.'])
    expect(piecesOf('You are a helpful assistant.<|endofprompt|>One. Two.', 1)).toEqual(['One. Two.'])
  })
})

describe('tone()', () => {
  const lengths = (seconds: number, most = 9) =>
    [...tone(seconds, { rate: 8_000 }).take(most)].map(({ length }) => length)

  test('lasts as long as it is asked to, a second at a time', () => {
    expect(lengths(2.5)).toEqual([8_000, 8_000, 4_000])
    expect(lengths(0)).toEqual([])
  })

  test('goes on for ever', () => {
    expect(lengths(Number.POSITIVE_INFINITY)).toEqual(Array(9).fill(8_000))
  })
})
