import { expect, test } from 'bun:test'
import { clausesConfig, lexiconEntry, textConfig } from '../../src/clauses/config.ts'
import { clauseDefaults, textDefaults } from '../../src/clauses/defaults.ts'

test('clausesConfig and textConfig fill in the defaults', () => {
  expect(clausesConfig.parse({})).toEqual(clauseDefaults)
  expect(textConfig.parse({})).toEqual(textDefaults)
  expect(clausesConfig.parse({ pauses: { sentence: 0 } }).pauses).toEqual({
    clause: 120,
    sentence: 0,
    paragraph: 600,
  })
})

test('clausesConfig, textConfig and lexiconEntry refuse what they do not know', () => {
  expect(clausesConfig.safeParse({ firstChar: 3 }).success).toBe(false)
  expect(clausesConfig.safeParse({ minChars: 60, maxChars: 100 }).error?.issues[0]?.message).toBe(
    'must be at most half of maxChars',
  )
  expect(textConfig.safeParse({ emojis: true }).success).toBe(false)
  expect(lexiconEntry.safeParse({ pattern: '', replacement: 'a' }).success).toBe(false)
})
