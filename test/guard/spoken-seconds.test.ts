import { describe, expect, test } from 'bun:test'
import { spokenSeconds } from '../../src/guard/spoken-seconds.ts'

/** Texts and how long saying them takes: measured with the embedded voice, estimated for tags and the last. */
const HONEST: readonly (readonly [text: string, seconds: number])[] = [
  ['Hello there.', 0.67],
  ['Hi.', 0.34],
  ['I', 0.27],
  ['A.', 0.2],
  ['嗯。', 0.28],
  ['你好，世界。', 1.19],
  ['哈哈哈哈哈哈', 1.59],
  ['1984年，3.14%。', 3.62],
  ['In 1984 it cost $1,234,567,890.99 and 50%.', 9.69],
  ['999999999999', 6.79],
  ['WWW KPMG HTTP', 2.61],
  ['https://www.example.com/a?b=c&d=e_f#g', 7.27],
  ['12:30 3/4 ½ №5 §7 ©®™', 4.84],
  ['x=∑∫√±≠', 2.22],
  ['😀😀', 0.66],
  ['Noooooooooooooo!', 0.8],
  ['aaaaaaaaaaaaaaaaaaaaaaaa', 1.23],
  ['[laughter] Ha ha.', 1.16],
  ['[laughter][laughter]', 4],
  ['<strong>No</strong>.', 0.5],
  ['Thorough thoughts through rough boughs.', 1.48],
  ['Ils mangeaient beaucoup aux heures.', 1.22],
  ["Qu'est-ce que c'est que ça ?", 0.93],
  ['Donaudampfschifffahrtsgesellschaft', 1.75],
  ['Dia dhuit ar maidin, a chairde go léir', 2.2],
  ['Привет, как дела?', 1.09],
  ['こんにちは、世界。', 1.42],
  ['안녕하세요', 1.01],
  ['สวัสดีครับ', 1.08],
  ['नमस्ते दुनिया', 0.82],
  ['مرحبا كيف حالك', 1.54],
  [
    '收到好友从远方寄来的生日礼物，那份意外的惊喜与深深的祝福让我心中充满了甜蜜的快乐，笑容如花儿般绽放。',
    11.5,
  ],
]

describe('spokenSeconds()', () => {
  test.each(HONEST)('lets %p be said in %d s, half as fast again, and at half that pace', (text, seconds) => {
    const { least, most } = spokenSeconds(text)
    expect(least).toBeLessThan(seconds / 1.5)
    expect(most).toBeGreaterThan(seconds * 2)
  })

  test.each([
    // 76 s for a short sentence, 0.04 s of audio, a cut at 0.6 s: what users have had from such hosts
    ['The weather is fine today.', 76, 0.04],
    ['今天天气真好，我们一起去公园吧。', 76, 0.6],
    ['It was cut at six tenths of a second by a new default.', 76, 0.6],
    ['嗯。', 15, 0.04],
  ])('does not believe that %p takes %d s or %d s', (text, long, short) => {
    const { least, most } = spokenSeconds(text)
    expect(most).toBeLessThan(long)
    expect(least).toBeGreaterThan(short)
  })

  test('asks nothing of a text without a sign', () => {
    for (const text of ['…', '[laughter]', '⁂⁂⁂', '', ' ']) expect(spokenSeconds(text).least).toBe(0)
  })

  test('takes time proportional to the text', () => {
    for (const part of ['a', 'é', '[', '<a', '1', '你', ' ', 'bcd']) {
      expect(spokenSeconds(`${part.repeat(200_000)}1`).most).toBeGreaterThan(5)
    }
  })
})
