import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { lexicon } from '../../src/clauses/lexicon.ts'
import type { LexiconEntry } from '../../src/speech.ts'

const any = { voice: 'v' }

/** The same by trying every entry at every place for every length. */
function slowly(entries: readonly LexiconEntry[], text: string): string {
  const characters = [...text]
  const fold = (part: string) => [...part].map((it) => it.toUpperCase().toLowerCase()).join('')
  const isWord = (at: number) => /^[\p{L}\p{N}_]/u.test(characters[at] ?? '') && characters[at] !== '行'
  const cuts = (at: number) => isWord(at - 1) && isWord(at)
  let said = ''
  for (let at = 0; at < characters.length; ) {
    let [end, next] = [at + 1, characters[at]!]
    search: for (let to = characters.length; to > at; to--) {
      if (cuts(at) || cuts(to)) continue
      const part = characters.slice(at, to).join('')
      for (const { pattern, ignoreCase, replacement } of entries) {
        if (ignoreCase ? fold(pattern) !== fold(part) : pattern !== part) continue
        ;[end, next] = [to, replacement]
        break search
      }
    }
    said += next
    at = end
  }
  return said
}

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
    const said = (voice: string, ...languages: string[]) => lexicon(entries, { voice, languages })('a b')
    expect(said('v', 'de')).toBe('a b')
    expect(said('v', 'de', 'en')).toBe('a language')
    expect(said('v')).toBe('a language')
    expect(said('w', 'EN-GB')).toBe('voice language')
    expect(said('v', 'eng')).toBe('a b')
  })

  test('compares folded characters as a whole', () => {
    const say = lexicon([{ pattern: 'xs', replacement: 'y', ignoreCase: true }], any)
    expect(say('XS xß, ΟΔΟΣ')).toBe('y xß, ΟΔΟΣ')
    const street = { pattern: 'οδός', replacement: 'street', ignoreCase: true }
    expect(lexicon([street], any)('ΟΔΌΣ')).toBe('street')
  })

  test('gives at each place the longest pattern that stands there as whole words', () => {
    const part = fc.constantFrom('a', 'A', 'ß', 'SS', 's', '行', '_', ' ', '-', '😀', '\ud83d')
    const words = (most: number) => fc.array(part, { minLength: 1, maxLength: most }).map((it) => it.join(''))
    const entry = fc.record({ pattern: words(3), ignoreCase: fc.boolean() })
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), words(12), (some, text) => {
        const entries = some.map((entry, i) => ({ ...entry, replacement: `<${i}>` }))
        expect(lexicon(entries, any)(text)).toBe(slowly(entries, text))
      }),
      { numRuns: 2_000 },
    )
  })

  test('knows patterns in either normal form', () => {
    expect(lexicon([{ pattern: 'Cafe\u0301', replacement: 'Kaffee' }], any)('Café')).toBe('Kaffee')
  })

  test('takes every character of a pattern literally', () => {
    const pattern = '.*+?^$()[]{}|\\/-'
    expect(lexicon([{ pattern, replacement: 'x' }], any)(`a ${pattern} b`)).toBe('a x b')
  })
})
