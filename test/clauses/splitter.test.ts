import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { widthOf } from '../../src/clauses/characters.ts'
import { Scanner } from '../../src/clauses/sentences/scanner.ts'
import { speakable } from '../../src/clauses/speakable/speakable.ts'
import { Splitter } from '../../src/clauses/splitter.ts'
import { isSpeakable } from '../../src/clauses/spoken.ts'
import chinese from '../data/chinese.json'
import languages from '../data/languages.json'
import { chunked, nasty, pieces, said, solid } from './chunks.ts'

const texts = (text: string, clauses = {}): string[] => pieces([text], { clauses }).map((piece) => piece.text)
const small = { firstChars: 6, minChars: 4, maxChars: 24 }

describe('Splitter cuts the first sentence', () => {
  const long =
    'We went to the market in town, bought some bread, milk and honey, and then, as it was late already, we walked home again, singing.'

  test('at soft breaks, into growing pieces', () => {
    expect(texts(long)).toEqual([
      'We went to the market in town,',
      'bought some bread, milk and honey, and then, as it was late already,',
      'we walked home again, singing.',
    ])
  })

  test('within a quotation where a sentence of it ends', () => {
    expect(
      texts('“We went to the market in town. We bought bread there. We walked home.” He smiled.'),
    ).toEqual(['“We went to the market in town.', 'We bought bread there. We walked home.”', 'He smiled.'])
  })

  test('nowhere else, and later sentences nowhere at all', () => {
    expect(texts(`It is so. ${long}`)).toEqual(['It is so.', long])
  })

  test('not where less than a clause would be left', () => {
    expect(texts('We went to the market in town, yes. Then home.')).toEqual([
      'We went to the market in town, yes.',
      'Then home.',
    ])
  })

  test('not within a range', () => {
    expect(texts('Our opening hours on weekdays are 9:00 – 17:00 and we rest on Sundays')).toHaveLength(1)
    expect(texts('We have a monthly budget of 1000 - 250 for rent and other things')).toHaveLength(1)
    expect(texts('这项研究的时间为2019—2023年期间一共有五个人参与')).toHaveLength(1)
  })

  test('not within a number', () => {
    expect(texts('The number that we all looked for is 1,234,567,890 and nothing else')).toHaveLength(1)
    expect(texts('我们大家一直在找的那个数字是１，２３４，５６７没有别的')).toHaveLength(1)
  })

  test('sooner where characters are wide', () => {
    expect(texts('我们昨天下午一起去了公园，然后在湖边坐了很久，最后才回家。')).toEqual([
      '我们昨天下午一起去了公园，',
      '然后在湖边坐了很久，最后才回家。',
    ])
  })
})

describe('Splitter merges', () => {
  test('a short sentence with the next one of its paragraph', () => {
    expect(texts('The weather is nice. Yes. I think so. No. No. Never. Good.')).toEqual([
      'The weather is nice.',
      'Yes. I think so.',
      'No. No. Never.',
      'Good.',
    ])
    expect(texts('The weather is nice. Yes.\n\nI think so.')).toEqual([
      'The weather is nice.',
      'Yes.',
      'I think so.',
    ])
  })

  test('by each sentence alone, so that a changed one changes no other', () => {
    const sentences = ['It was a dark night.', 'No one came.', 'Why?', 'Nobody knew that.', 'So it went on.']
    const before = texts(sentences.join(' '))
    const after = texts(
      sentences.with(1, 'Then a stranger knocked, and then another one, at the old door.').join(' '),
    )
    expect(before.filter((text) => !after.includes(text))).toEqual(['No one came.'])
  })

  test('marks alone with what follows, and leaves them out where nothing does', () => {
    expect(texts('It is late. — We go.')).toEqual(['It is late.', '— We go.'])
    expect(texts('It is late.\n\n***\n\nWe go.')).toEqual(['It is late.', 'We go.'])
  })
})

describe('Splitter keeps maxChars', () => {
  const later = (text: string) => texts(`It is so. ${text}`, { maxChars: 40, minChars: 4 }).slice(1)

  test('at a comma', () => {
    expect(later('A sentence that is long, and goes on, and on without an end at all.')).toEqual([
      'A sentence that is long, and goes on,',
      'and on without an end at all.',
    ])
  })

  test('else between words, not within a number or a tag', () => {
    expect(later('There are surely no more than about 10 000 000 people there in total.')).toEqual([
      'There are surely no more than about',
      '10 000 000 people there in total.',
    ])
    expect(later('There are not more than about nine <break time="1s"/> people')[0]).toBe(
      'There are not more than about nine',
    )
  })

  test('else between words of a script without spaces, and never within a grapheme', () => {
    expect(
      later('我们都知道这个世界上有很多很多美丽的地方值得我们去看看而且我们应该去').map(widthOf),
    ).toEqual([40, 28])
    const family = '👨‍👩‍👧‍👦'
    for (const piece of pieces([`a${family.repeat(30)}`], { clauses: small })) {
      expect(piece.text.replace('a', '').replaceAll(family, '')).toBe('')
    }
  })

  test('and leaves no tail shorter than a clause', () => {
    for (let length = 30; length < 200; length++) {
      for (const text of texts('a'.repeat(length), small)) expect(text.length).toBeGreaterThanOrEqual(4)
    }
  })

  test('for any text', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        for (const piece of pieces([text], { clauses: small, speakable: speakable() })) {
          expect(widthOf(piece.text)).toBeLessThanOrEqual(24)
          expect(piece.text.isWellFormed()).toBe(true)
          expect(piece.text).toBe(piece.text.trim())
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('Splitter gives the same pieces in any chunks', () => {
  const cases = [...chinese.cases, ...languages.cases].map(([text]) => text as string)

  test.each([
    ['nasty text', nasty],
    ['the case sets', fc.shuffledSubarray(cases, { maxLength: 4 }).map((some) => some.join(' '))],
  ])('of %s', (_name, arbitrary) => {
    fc.assert(
      fc.property(chunked(arbitrary), fc.boolean(), (chunks, isSmall) => {
        const make = (parts: readonly string[]) =>
          pieces(parts, { clauses: isSmall ? small : {}, speakable: speakable() })
        expect(make(chunks)).toEqual(make([chunks.join('')]))
      }),
      { numRuns: 1000 },
    )
  })
})

test('Splitter loses and doubles no word', () => {
  const words = fc
    .array(fc.constantFrom(...'aB1你 .!?,。，“”"\n-…'), { maxLength: 60 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(words, (text) => {
      const all = pieces([text], { clauses: small, speakable: speakable() })
      const letters = (whole: string) => solid(whole).replace(/[^\p{L}\p{N}]/gu, '')
      expect(letters(all.map((piece) => piece.text).join(''))).toBe(letters(said([text])))
      // what lies between the pieces is marks that nobody says
      let at = 0
      const whole = solid(said([text]).normalize('NFC'))
      for (const piece of all) {
        const found = whole.indexOf(solid(piece.text), at)
        expect(found).toBeGreaterThanOrEqual(at)
        expect(isSpeakable(whole.slice(at, found))).toBe(false)
        at = found + solid(piece.text).length
      }
    }),
    { numRuns: 1000 },
  )
})

test('Splitter gives NFC', () => {
  expect(texts('Cafe\u0301 au lait.')).toEqual(['Café au lait.'])
})

test('Splitter refuses bounds that leave no choice', () => {
  expect(() => new Splitter({ clauses: { minChars: 30, maxChars: 40 } })).toThrow(
    'Cannot cut text: maxChars must be at least 16 and twice minChars (30), current value is 40',
  )
})

describe('hostile text', () => {
  const size = 40_000
  const fill = (part: string) => part.repeat(Math.ceil(size / part.length))
  const hostile = [
    ...'a.*[("<`_~|&\\#>1\u0301。…,',
    ...[
      'a.',
      '. ',
      'a, ',
      '汉',
      '<a ',
      '<|',
      '![',
      '[a](',
      '[a](x',
      '“a.”',
      '1. ',
      'U.S. ',
      '！”他',
      'https://',
      'www.',
    ],
  ].map((part) => [part, fill(part)] as const)
  const heads = ['- ', '[a](', '<a href="', '```', 'https://', '“', '|'].map(
    (head) => [`${head}…`, head + fill(' x'.slice(head === '- ' ? 1 : 0))] as const,
  )

  test.each([...hostile, ...heads])('of %p is held in a bounded window', (_name, text) => {
    const stage = speakable()
    const held: string[] = []
    const scanner = new Scanner({ text: (slice) => held.push(slice), cut: () => {} })
    for (let at = 0; at < text.length; at += 50) {
      scanner.push(stage.push(text.slice(at, at + 50)))
      expect(stage.held.length).toBeLessThanOrEqual(1_300)
      expect(scanner.pending.length).toBeLessThanOrEqual(120)
    }
  })

  test.each(hostile)('of %p takes work in proportion to its length', (_name, text) => {
    const steps = (length: number, chunk: number): number => {
      const scanner = new Scanner({ text: () => {}, cut: () => {} })
      for (let at = 0; at < length; at += chunk) scanner.push(text.slice(at, Math.min(length, at + chunk)))
      scanner.end()
      return scanner.steps
    }
    for (const chunk of [1, 64, size]) {
      expect(steps(size / 2, chunk)).toBeLessThanOrEqual(size)
      expect(steps(size, chunk)).toBeLessThanOrEqual(2.1 * steps(size / 2, chunk) + 100)
    }
  })
})
