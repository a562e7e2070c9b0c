import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { isCrowded, MOST_VALUES } from '../../src/api/crowded.ts'

const listOf = (values: number): string => `[${Array(values).fill('0').join(',')}]`

test('isCrowded() counts fields and entries at any depth', () => {
  expect(isCrowded(listOf(MOST_VALUES))).toBe(false)
  expect(isCrowded(listOf(MOST_VALUES + 1))).toBe(true)
  expect(isCrowded(`{"a":[${listOf(MOST_VALUES)}]}`)).toBe(true)
  expect(isCrowded('['.repeat(MOST_VALUES + 1))).toBe(true)
})

test('isCrowded() counts nothing in strings, whatever they hold', () => {
  const crowd = ',[{'.repeat(MOST_VALUES)
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', '\\', ',', 'a') }), (text) => {
      expect(isCrowded(JSON.stringify({ input: text + crowd + text, [text + crowd]: text }))).toBe(false)
      expect(isCrowded(`{${JSON.stringify(text)}:${listOf(MOST_VALUES)}}`)).toBe(true)
    }),
  )
  expect(isCrowded(`"${crowd}`)).toBe(false)
})
