import { describe, expect, test } from 'bun:test'
import { lexicon } from '../../src/clauses/lexicon.ts'

const any = { voice: 'v' }

describe('lexicon()', () => {
  test('replaces whole words where words have edges', () => {
    const say = lexicon([{ pattern: 'SQL', replacement: 'sequel' }], any)
    expect(say('SQL, MySQL, SQLite, (SQL) SQL_x SQL用SQL')).toBe(
      'sequel, MySQL, SQLite, (sequel) SQL_x sequel用sequel',
    )
  })

  test('replaces anywhere in scripts without spaces, and at the edges that are no letters', () => {
    expect(lexicon([{ pattern: '行长', replacement: '杭掌' }], any)('银行长行长')).toBe('银杭掌杭掌')
    expect(lexicon([{ pattern: 'C++', replacement: 'C plus plus' }], any)('C++11 and C++, ABC++')).toBe(
      'C plus plus11 and C plus plus, ABC++',
    )
  })

  test('takes the longest pattern, then the earlier entry', () => {
    const entries = [
      { pattern: 'New', replacement: '1' },
      { pattern: 'New York', replacement: '2' },
      { pattern: 'New York', replacement: '3' },
    ]
    expect(lexicon(entries, any)('New York is New')).toBe('2 is 1')
  })

  test('takes replacements literally, and does not look at them again', () => {
    const entries = [
      { pattern: 'a', replacement: 'b $1 $& b' },
      { pattern: 'b', replacement: 'a' },
    ]
    expect(lexicon(entries, any)('a b')).toBe('b $1 $& b a')
  })

  test('ignores case only where asked', () => {
    const entries = [
      { pattern: 'gif', replacement: 'jif', ignoreCase: true },
      { pattern: 'us', replacement: 'we' },
      { pattern: 'Straße', replacement: 'Weg', ignoreCase: true },
    ]
    expect(lexicon(entries, any)('GIF Gif gif US us STRASSE straße')).toBe('jif jif jif US we Weg Weg')
  })

  test('holds for its voice and language', () => {
    const entries = [
      { pattern: 'a', replacement: 'voice', voice: 'w' },
      { pattern: 'b', replacement: 'language', language: 'en' },
    ]
    expect(lexicon(entries, { voice: 'v' })('a b')).toBe('a b')
    expect(lexicon(entries, { voice: 'w', language: 'en-GB' })('a b')).toBe('voice language')
    expect(lexicon(entries, { voice: 'v', language: 'eng' })('a b')).toBe('a b')
  })

  test('knows patterns in either normal form', () => {
    expect(lexicon([{ pattern: 'Cafe\u0301', replacement: 'Kaffee' }], any)('Café')).toBe('Kaffee')
  })

  test('takes every character of a pattern literally', () => {
    const pattern = '.*+?^$()[]{}|\\/-'
    expect(lexicon([{ pattern, replacement: 'x' }], any)(`a ${pattern} b`)).toBe('a x b')
  })
})
