import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { readNumbers } from '../../../src/hosts/numbers/read-numbers.ts'
import { cases } from '../../data/numbers.json'

const LANGUAGES = [...new Set(cases.map(([language]) => language!))]

describe('readNumbers()', () => {
  test.each(cases)('in %s: %s', (language, text, said) => {
    expect(readNumbers(text!, [language!])).toBe(said!)
  })

  test('goes by the script where the language does not fit it, and by the voice’s languages where none is said', () => {
    expect(readNumbers('共3个', ['en'])).toBe('共三个')
    expect(readNumbers('3 cats', ['zh'])).toBe('three cats')
    expect(readNumbers('3 Katzen', ['zh', 'de'])).toBe('drei Katzen')
    expect(readNumbers('3', ['zh', 'en'])).toBe('三')
    expect(readNumbers('3', [])).toBe('three')
    expect(readNumbers('第3章', ['ja'])).toBe('第三章')
    expect(readNumbers('一共3個', ['zh', 'yue'])).toBe('一共三個')
  })

  test('leaves a language alone whose numbers it does not know', () => {
    expect(readNumbers('3 kissaa', ['fi'])).toBe('3 kissaa')
    expect(readNumbers('3 коти', ['uk'])).toBe('3 коти')
  })

  test('throws at nothing, whatever stands beside a number', () => {
    const parts = fc.constantFrom(
      ...[
        '0',
        '00',
        '1',
        '31',
        '32',
        '2024',
        '99999999999999999',
        '-',
        '−',
        '.',
        ',',
        ':',
        '/',
        ' ',
        '%',
        '$',
        '€',
        '¥',
        '+',
        '(',
      ],
      ...[
        'March',
        'May',
        'Mai',
        'январь',
        '年',
        '月',
        '第',
        'th',
        'er',
        'ª',
        '-й',
        's',
        'km',
        '°C',
        ' Uhr',
        'am',
        '个',
        'a',
        'И',
        '개',
      ],
    )
    fc.assert(
      fc.property(fc.constantFrom(...LANGUAGES), fc.array(parts, { maxLength: 12 }), (language, all) => {
        expect(readNumbers(all.join(''), [language])).not.toMatch(/\d|undefined|NaN/)
      }),
      {
        numRuns: 5_000,
        examples: [
          ['en', ['0', ' ', 'March']],
          ['en', ['May', ' ', '00']],
          ['zh', ['-', '99999999999999999']],
        ],
      },
    )
  })

  test('leaves no digit, and all else as it was', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'0123456789 .,:-–/%$€¥°+()aZé年月日个第.'),
      maxLength: 40,
    })
    fc.assert(
      fc.property(fc.constantFrom(...LANGUAGES), text, (language, written) => {
        expect(readNumbers(written, [language])).not.toMatch(/\d/)
        const bare = written.replace(/\d/g, '')
        expect(readNumbers(bare, [language])).toBe(bare)
      }),
      { numRuns: 5_000 },
    )
  })
})
