import { expect, test } from 'bun:test'
import { checkSentence } from '../../src/cli/check-sentences.ts'
import { estimate } from '../../src/dispatch/estimate.ts'
import { spokenSeconds } from '../../src/guard/spoken-seconds.ts'

test.each([
  ['v', ['zh'], 'zh', 'zh'],
  ['v', ['zh-CN', 'en'], 'zh', 'zh-CN'],
  ['v', ['zh-HK'], 'yue', 'zh-HK'],
  ['cmn', ['cmn', 'zh'], 'zh', 'cmn'],
  ['v', ['pt-BR'], 'pt', 'pt-BR'],
  ['v', ['DE'], 'de', 'DE'],
  ['v', ['tlh'], 'en', 'tlh'],
  ['中文女', ['en'], 'en', 'en'],
  ['alloy', [], 'en', undefined],
  ['中文女', [], 'zh', undefined],
  ['英文男', [], 'en', undefined],
  ['日语男', [], 'ja', undefined],
  ['韩语女', [], 'ko', undefined],
  ['粤语女', [], 'yue', undefined],
])('checkSentence() has voice %s of %j speak %s', (id, languages, language, tag) => {
  const sentence = checkSentence({ id, languages })
  expect(sentence).toMatchObject({ language, tag })
  expect(sentence.text).not.toBe('')
})

test('checkSentence() says what takes three to six seconds, far from what no voice passes', () => {
  for (const language of ['en', 'zh', 'yue', 'ja', 'ko', 'de', 'fr', 'es', 'it', 'pt', 'ru']) {
    const { text } = checkSentence({ id: 'v', languages: [language] })
    const seconds = estimate({ spoken: text, speed: 1 })
    expect(seconds).toBeWithin(3, 6)
    expect(spokenSeconds(text).least).toBeLessThan(seconds / 2)
    expect(spokenSeconds(text).most).toBeGreaterThan(seconds * 2)
  }
})
