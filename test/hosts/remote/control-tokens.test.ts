import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { withoutControlTokens } from '../../../src/hosts/remote/control-tokens.ts'

test.each([
  ['Hello.', 'Hello.'],
  ['a<|endofprompt|>b', 'a b'],
  ['<|zh|>你好', '你好'],
  ['a <strong>b</strong> [laughter] c < d | e > f', 'a <strong>b</strong> [laughter] c < d | e > f'],
  ['<<|x|>|zh|>', '< |zh'],
  ['a ＜｜zh｜＞ b', 'a   b'],
  ['if (a <| b) {|> c}', 'if (a   b) {  c}'],
])('withoutControlTokens(%p) is %p', (text, expected) => {
  expect(withoutControlTokens(text)).toBe(expected)
})

test('withoutControlTokens() leaves no token, whatever the text', () => {
  const parts = fc.array(fc.constantFrom('<', '|', '>', '＜', '｜', '＞', 'zh', 'endofprompt', ' '), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(parts, (text) => {
      expect(withoutControlTokens(text.join(''))).not.toMatch(/[<＜][|｜]|[|｜][>＞]/u)
    }),
    { numRuns: 2_000 },
  )
})
