import { expect, test } from 'bun:test'
import { undressed } from '../../../src/hosts/espeak/undressed.ts'

test.each([
  ['full-width letters, digits and signs', 'ＡＩ第１２章，５０％，￥１００！', 'AI第12章，50%，¥100！'],
  ['units', '5℃ 3㎏ 2㎞ №4', '5°C 3kg 2km No4'],
  ['letters of mathematics', '𝐇𝐞𝐥𝐥𝐨 𝓌𝑜𝓇𝓁𝒹', 'Hello world'],
  ['enclosed ones, a word each', '①②⑩、㈱、⑴', ' 1  2  10 、 株 、 1 '],
])('undressed() gives %s plain', (_name, text, plain) => {
  expect(undressed(text)).toBe(plain)
})

test('undressed() leaves alone what is plain, and punctuation', () => {
  const text = 'Hello, 你好，世界。（早）「晚」！？：；… “x² + ½” naïve カタカナ 한국어 €5 ©'
  expect(undressed(text)).toBe(text)
})
