import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Scanner } from '../../../src/clauses/sentences/scanner.ts'
import { chunked, nasty } from '../chunks.ts'

/** The text with a mark at each place where it may be cut. */
function marked(chunks: readonly string[]): string {
  const marks = { soft: '|', sentence: '║', line: '¬', paragraph: '¶' }
  let found = ''
  const scanner = new Scanner({
    text: (slice) => {
      found += slice
    },
    cut: (ending) => {
      found += marks[ending]
    },
  })
  for (const chunk of chunks) scanner.push(chunk)
  scanner.end()
  return found
}

test.each([
  ['One, two; three: four. Five', 'One,| two;| three:| four.║ Five'],
  ['It is 1,000 at 10:30, or — so', 'It is 1,000 at 10:30,| or —| so'],
  ['A well-known - so to say - fact', 'A well-known -| so to say -| fact'],
  ['“Yes,” he said.', '“Yes,”| he said.║'],
  ['“He came. He saw.” I won.', '“He came.| He saw.”║ I won.║'],
  ['(He came. He saw. I', '(He came.| He saw.| I'],
  ['“来了。看见了。”我赢了。', '“来了。|看见了。”║我赢了。║'],
  ['一，二；三：四、五。六', '一，|二；|三：|四、|五。║六'],
  ['我……不知道——真的', '我……|不知道——|真的'],
  ['One\nTwo\n\nThree', 'One¬Two¶Three'],
])('Scanner finds the places to cut %p', (text, expected) => {
  expect(marked([text])).toBe(expected)
})

test('Scanner finds the same places in any chunks', () => {
  fc.assert(
    fc.property(chunked(nasty.map((text) => text.replace(/[\ud800-\udfff]/g, 'x'))), (chunks) => {
      expect(marked(chunks)).toBe(marked([chunks.join('')]))
    }),
    {
      numRuns: 1000,
      examples: [
        [['1. ', '.;']],
        [['1', ')', '(', '( ', '!“']],
        [['. .) ', '1']],
        [['. .) ', '\n']],
        [['. .» ', 'b']],
        [['. .] ', 'B']],
        [['. ." ', '.']],
        [['. .[1] ', ' ']],
        [['. .</b>[1] ', '<']],
      ],
    },
  )
})
