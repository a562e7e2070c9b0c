import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { sendable } from '../../../src/hosts/remote/sendable.ts'

test.each([
  ['Hello.', 'Hello.'],
  ['a<|endofprompt|>b', 'a b'],
  ['<|zh|>你好', '你好'],
  ['a <strong>b</strong> [laughter] c < d | e > f', 'a <strong>b</strong> [laughter] c < d | e > f'],
  ['<<|x|>|zh|>', '< |zh'],
  ['a ＜｜zh｜＞ b', 'a   b'],
  ['if (a <| b) {|> c}', 'if (a   b) {  c}'],
  ['soft\0ly\x07 \ud800 and\n\tslow \u{1f600}', 'softly  and\n\tslow \u{1f600}'],
  ['a<\0|zh|\0>b', 'a b'],
])('sendable(%p) is %p', (text, expected) => {
  expect(sendable(text)).toBe(expected)
})

test('sendable() leaves no token, whatever the text', () => {
  const parts = fc.array(
    fc.constantFrom('<', '|', '>', '＜', '｜', '＞', '\0', '\ud800', 'zh', 'endofprompt', ' '),
    {
      maxLength: 12,
    },
  )
  fc.assert(
    fc.property(parts, (text) => {
      expect(sendable(text.join(''))).not.toMatch(/[<＜][|｜]|[|｜][>＞]/u)
    }),
    { numRuns: 2_000 },
  )
})
