import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { espeakRuns } from '../../../src/hosts/espeak/espeak-runs.ts'

const cut = (text: string, language?: string) =>
  espeakRuns(text, language).map((run) => [run.language, run.text])

describe('espeakRuns()', () => {
  test.each<[string, [string, string][]]>([
    ['Hello.', [['en', 'Hello.']]],
    [
      'Hello. 你好，世界。',
      [
        ['en', 'Hello. '],
        ['cmn', '你好，世界。'],
      ],
    ],
    [
      '我用 iPhone 15 拍照',
      [
        ['cmn', '我用 '],
        ['en', 'iPhone 15 '],
        ['cmn', '拍照'],
      ],
    ],
    ['2024年', [['cmn', '2024年']]],
    [
      '“你好”，he said',
      [
        ['cmn', '“你好”，'],
        ['en', 'he said'],
      ],
    ],
    ['こんにちは、カメラ', [['ja', 'こんにちは、カメラ']]],
    [
      '안녕 world',
      [
        ['ko', '안녕 '],
        ['en', 'world'],
      ],
    ],
    [
      'Привет, Ελλάδα',
      [
        ['ru', 'Привет, '],
        ['el', 'Ελλάδα'],
      ],
    ],
    ['مرحبا 12', [['ar', 'مرحبا 12']]],
    ['שלום', [['he', 'שלום']]],
    ['नमस्ते', [['hi', 'नमस्ते']]],
    ['สวัสดี', [['th', 'สวัสดี']]],
    ['𠮷野', [['cmn', '𠮷野']]],
    ['café naïve', [['en', 'café naïve']]],
    ['cafe\u0301 👍 ok', [['en', 'cafe\u0301 👍 ok']]],
    ['42', [['en', '42']]],
    ['42。', [['cmn', '42。']]],
    ['', [['en', '']]],
  ])('gives each script of %j its voice', (text, runs) => {
    expect(cut(text)).toEqual(runs)
  })

  test.each<[string, string, [string, string][]]>([
    ['de', 'Guten Tag', [['de', 'Guten Tag']]],
    [
      'de',
      'Guten Tag 你好',
      [
        ['de', 'Guten Tag '],
        ['cmn', '你好'],
      ],
    ],
    [
      'de',
      'Tag, привет, こんにちは',
      [
        ['de', 'Tag, '],
        ['ru', 'привет, '],
        ['ja', 'こんにちは'],
      ],
    ],
    [
      'uk',
      'Привіт world',
      [
        ['uk', 'Привіт '],
        ['en', 'world'],
      ],
    ],
    ['sr', 'Здраво svete', [['sr', 'Здраво svete']]],
    [
      'yue',
      '你好 hello',
      [
        ['yue', '你好 '],
        ['en', 'hello'],
      ],
    ],
    ['cmn-latn-pinyin', '你好 nǐ hǎo', [['cmn-latn-pinyin', '你好 nǐ hǎo']]],
    ['fa', 'سلام', [['fa', 'سلام']]],
    [
      'ja',
      '東京タワー',
      [
        ['cmn', '東京'],
        ['ja', 'タワー'],
      ],
    ],
    ['fr', '42', [['fr', '42']]],
    ['cmn', '42', [['cmn', '42']]],
  ])('has %s read what it can of %j', (language, text, runs) => {
    expect(cut(text, language)).toEqual(runs)
  })

  test('loses nothing and leaves no two runs of one voice side by side', () => {
    const texts = fc.string({ unit: fc.constantFrom(...'aé你にカ한жαعש9 .。\u0301', '👍', '\ud83d') })
    fc.assert(
      fc.property(
        texts,
        fc.option(fc.constantFrom('de', 'ru', 'ja', 'cmn'), { nil: undefined }),
        (text, language) => {
          const runs = espeakRuns(text, language)
          expect(runs.map((run) => run.text).join('')).toBe(text)
          for (const [i, run] of runs.entries()) expect(run.language).not.toBe(runs[i + 1]?.language)
        },
      ),
      { numRuns: 200 },
    )
  })
})
