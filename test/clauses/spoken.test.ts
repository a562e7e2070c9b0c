import { expect, test } from 'bun:test'
import { isSpeakable, terminated, withoutControl } from '../../src/clauses/spoken.ts'

test.each([
  ['Hello', 'Hello.'],
  ['Hello,', 'Hello.'],
  ['Hello —', 'Hello.'],
  ['Hello!', 'Hello!'],
  ['“Hello!”', '“Hello!”'],
  ['(so it is.)', '(so it is.)'],
  ['« Bonjour ! »', '« Bonjour ! »'],
  ['<strong>Stop!</strong>', '<strong>Stop!</strong>'],
  ['Wait…', 'Wait…'],
  ['你好', '你好。'],
  ['你好，', '你好。'],
  ['你好！', '你好！'],
  ['“好。”', '“好。”'],
  ['我用的是iPhone', '我用的是iPhone.'],
  ['iPhone 很好', 'iPhone 很好。'],
  ['茶，5元：', '茶，5元。'],
  ['नमस्ते', 'नमस्ते।'],
  ['مرحبا', 'مرحبا.'],
  ['42', '42.'],
])('terminated() ends %p with a stop of its script', (text, expected) => {
  expect(terminated(text)).toBe(expected)
})

test('terminated() takes time in proportion to the text', () => {
  expect(terminated(`${', '.repeat(50_000)}a${')'.repeat(1_000)}`).endsWith(').')).toBe(true)
})

test('isSpeakable() wants a letter or a digit', () => {
  expect(['a', '5', '你', '[breath]'].every(isSpeakable)).toBe(true)
  expect(['', '…', '—!?', '😀', '$ %'].some(isSpeakable)).toBe(false)
})

test('withoutControl() leaves no control token', () => {
  expect(withoutControl('a <|b|> <|')).toBe('a |b| |')
})
