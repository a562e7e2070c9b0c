import { describe, expect, test } from 'bun:test'
import { costOf, rankOf } from '../../src/dispatch/urgency.ts'

describe('rankOf()', () => {
  test('puts a first clause before a question or exclamation, and that before the rest', () => {
    expect(rankOf({ index: 0, spoken: 'Well,' })).toBe(0)
    expect(rankOf({ index: 1, spoken: 'Is it?' })).toBe(1)
    expect(rankOf({ index: 2, spoken: 'It is.' })).toBe(2)
  })

  test('knows a question or exclamation in other scripts, and behind quotes and brackets', () => {
    for (const spoken of ['真的吗？', '「本当！」', 'He said “no?!”', '(Why?) ', 'لماذا؟', '«Quoi ?»']) {
      expect([spoken, rankOf({ index: 1, spoken })]).toEqual([spoken, 1])
    }
    for (const spoken of ['Who? Me.', '“Go!” he said.', '好。', 'a = b;']) {
      expect([spoken, rankOf({ index: 1, spoken })]).toEqual([spoken, 2])
    }
  })
})

describe('costOf()', () => {
  test('counts characters, a Chinese, Japanese or Korean one as three', () => {
    expect(costOf({ spoken: 'Hello.' })).toBe(6)
    expect(costOf({ spoken: '你好.' })).toBe(7)
  })

  test('is never nothing', () => {
    expect(costOf({ spoken: '' })).toBe(1)
  })
})
