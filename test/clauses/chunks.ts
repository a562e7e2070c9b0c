import fc from 'fast-check'
import type { TextConfig } from '../../src/clauses/config.ts'
import type { Piece } from '../../src/clauses/cutter.ts'
import { Sentences } from '../../src/clauses/sentences/sentences.ts'
import { speakable } from '../../src/clauses/speakable/speakable.ts'
import { Splitter, type SplitterOptions } from '../../src/clauses/splitter.ts'

/** Text in pieces of one to seven code units: half characters, half tags, half numbers. */
export const chunked = (text: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> =>
  fc.tuple(text, fc.infiniteStream(fc.integer({ min: 1, max: 7 }))).map(([whole, sizes]) => {
    const chunks: string[] = []
    for (let at = 0; at < whole.length; ) {
      const size = sizes.next().value ?? 1
      chunks.push(whole.slice(at, at + size))
      at += size
    }
    return chunks
  })

const NASTY = [
  ...'aBz1 .!?,。！？，…“”"()「」《》«»„你说と*_`~[]<>|&\\#-•—:;+=\n\r\0\u200d\u0301\ufe0f\u00a0¿؟।',
  ...[
    '  ',
    '\n\n',
    '...',
    ' . . .',
    'Mr',
    'etc',
    'U.S.',
    'I ',
    'The ',
    '23',
    '3.14',
    '1. ',
    '2. ',
    '1) ',
    'a. ',
    'b. ',
  ],
  ...[
    '**',
    '```',
    '```\n',
    '# ',
    '- ',
    '* ',
    '| ',
    '|---|\n',
    '](',
    '](http://a.b)',
    '![',
    '[x] ',
    '[^1]',
    '\n> ',
  ],
  ...[
    '😀',
    '\u200d'.repeat(9),
    '\x1b[31',
    '\x1b[0m',
    '<|',
    '|>',
    '<|x|>',
    '<b>',
    '</strong>',
    '<strong>',
    '<a href="',
    '<tag ',
    ' x="1" ',
    ' open>',
    '<script>',
    '</script>',
    '<style ',
    '<!--',
    '-->',
    '<!doctype ',
    '&amp;',
    '&#8217;',
    '&#x4',
    'f60;',
    '&hel',
    'lip;',
    'https://',
    'www.',
    'example.com',
    '/',
  ],
  ...[
    '😀',
    '👨‍👩‍👧',
    '🇩🇪',
    '1️⃣',
    '\ud83d',
    '\ude00',
    'e\u0301',
    'am ',
    ' 3. ',
    'Mai',
    'EE. ',
    'UU.',
    'At 5 ',
    'p.m.',
    '说：',
    'и т.д.',
  ],
]

/** Text of all that has a meaning to some stage, and halves of it. */
export const nasty = fc.array(fc.constantFrom(...NASTY), { maxLength: 30 }).map((parts) => parts.join(''))

export const said = (chunks: readonly string[], options: Partial<TextConfig> = {}): string => {
  const stage = speakable(options)
  return chunks.map((chunk) => stage.push(chunk)).join('') + stage.end()
}

export function pieces(
  chunks: readonly string[],
  options: SplitterOptions = { speakable: speakable() },
): Piece[] {
  const splitter = new Splitter(options)
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()]
}

export function sentencesOf(chunks: readonly string[]): string[] {
  const all = new Sentences()
  for (const chunk of chunks) all.push(chunk)
  all.end()
  return all.found
}

/** What is left of text when white space does not count. */
export const solid = (text: string): string => text.replace(/\s+/g, '')

export const streamOf = <Item>(items: readonly Item[]): ReadableStream<Item> => {
  const rest = items[Symbol.iterator]()
  return new ReadableStream({
    pull(controller) {
      const { done, value } = rest.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
}
