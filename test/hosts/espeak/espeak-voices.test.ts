import { describe, expect, test } from 'bun:test'
import {
  espeakFile,
  espeakLanguage,
  espeakVoice,
  espeakVoices,
} from '../../../src/hosts/espeak/espeak-voices.ts'

describe('espeakVoices', () => {
  const ids = espeakVoices.map(({ id }) => id)

  test('begin with thirteen that speak whatever they are given, one for each of the names of OpenAI', () => {
    expect(ids[0]).toBe('auto')
    expect(ids.slice(1, 13).every((id) => id.startsWith('auto+'))).toBe(true)
    expect(espeakVoices.slice(0, 13).every(({ languages }) => languages.length === 0)).toBe(true)
    expect(ids[13]).toBe('af')
  })

  test('have each language once, with its BCP 47 tags', () => {
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBe(13 + 137)
    const tagsOf = (voice: string) => espeakVoices.find(({ id }) => id === voice)?.languages
    expect(tagsOf('cmn')).toEqual(['cmn', 'zh'])
    expect(tagsOf('en-us')).toEqual(['en-US'])
    for (const tag of espeakVoices.flatMap(({ languages }) => languages)) {
      expect(() => new Intl.Locale(tag)).not.toThrow()
    }
  })
})

describe('espeakVoice()', () => {
  test.each([
    ['auto', { language: undefined, variant: undefined }],
    ['auto+f2', { language: undefined, variant: 'f2' }],
    ['en-gb+f2', { language: 'en', variant: 'f2' }],
    ['en-US', { language: 'en-us', variant: undefined }],
    ['zh+Annie', { language: 'cmn', variant: 'Annie' }],
  ])('reads %s', (id, voice) => {
    expect(espeakVoice(id)).toEqual(voice)
  })

  test.each(['', 'alloy', 'auto+nobody', 'xx', 'xx+f2', 'en+f2+f3', '+f2', '../en', 'gmw/en'])(
    'knows no %j',
    (id) => {
      expect(espeakVoice(id)).toBeUndefined()
    },
  )
})

describe('espeakLanguage()', () => {
  test.each([
    ['zh', 'cmn'],
    ['zh-CN', 'cmn'],
    ['zh-Hans-CN', 'cmn'],
    ['zh-HK', 'yue'],
    ['zh-Hant-HK', 'yue'],
    ['yue', 'yue'],
    ['en', 'en'],
    ['en-US', 'en-us'],
    ['en_us', 'en-us'],
    ['en-AU', 'en'],
    ['pt-BR', 'pt-br'],
    ['pt-PT', 'pt'],
    ['no', 'nb'],
    ['es-MX', 'es-419'],
    ['ja-JP', 'ja'],
    ['xx', undefined],
  ])('finds for %s the voice %s', (tag, language) => {
    expect(espeakLanguage(tag)).toBe(language)
  })
})

test('espeakFile() names the file, so that eSpeak need not search', () => {
  expect(espeakFile('cmn', undefined)).toBe('sit/cmn')
  expect(espeakFile('en-gb-scotland', 'f2')).toBe('gmw/en-GB-scotland+f2')
})
