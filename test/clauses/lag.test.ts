import { expect, test } from 'bun:test'
import { speakable } from '../../src/clauses/speakable/speakable.ts'
import { Splitter } from '../../src/clauses/splitter.ts'

/** How many characters after a sentence's end it took to know of it, fed one by one. */
function lag(sentence: string, after: string): number {
  const splitter = new Splitter({ speakable: speakable() })
  for (const character of sentence) if (splitter.push(character).length > 0) return -1
  for (const [at, character] of [...after].entries()) if (splitter.push(character).length > 0) return at + 1
  return Number.POSITIVE_INFINITY
}

// Sure: an ordinary word (no abbreviation, initial or number) with its mark, or the mark of an unspaced script.
test.each([
  ['The weather is nice today.', ' We go out.', 2],
  ['Is the weather nice today?', ' We go out.', 2],
  ['The weather is nice today!', ' 3 of us go out.', 2],
  ['He said: “We go out.”', ' They did.', 2],
  ['The weather is nice (today).', ' “Yes.”', 2],
  ['Das Wetter ist heute schön.', ' Österreich auch.', 2],
  ['¿Qué tiempo hace hoy?', ' ¡Bueno!', 2],
  ['Сегодня хорошая погода.', ' Мы гуляем.', 2],
  ['Said with **emphasis**.', ' Next one.', 2],
  ['今天天气很好。', '我们出去玩。', 1],
  ['今天天气很好吗？', '我们出去玩。', 1],
  ['他说：“我们出去玩。”', '然后走了。', 1],
  ['今日は天気がいい。', '散歩しよう。', 1],
  ['यह एक वाक्य है।', ' दूसरा', 2],
  ['A line that ends here.', '\nNext line.', 2],
  ['A paragraph that ends here.', '\n\nNext.', 2],
  ['A heading or so', '\n\nNext.', 2],
])('Splitter knows %p to be over at most two characters later', (sentence, after, expected) => {
  expect(lag(sentence, after)).toBe(expected)
})
