import { describe, expect, test } from 'bun:test'
import type { CosyvoiceModel, CosyvoiceVoice } from '../../../src/hosts/cosyvoice/config.ts'
import { cosyvoiceCall, cosyvoiceRate, obeys } from '../../../src/hosts/cosyvoice/habits.ts'
import type { Clause } from '../../../src/speech.ts'
import { clauseOf } from '../../fakes/clause.ts'

const callOf = (model: CosyvoiceModel, voice: Omit<CosyvoiceVoice, 'id'>, clause: Partial<Clause> = {}) => {
  const { spoken = 'Hi.', ...rest } = clause
  return cosyvoiceCall(clauseOf(spoken, rest), { model, voice: { id: 'v', ...voice } })
}

const clone = { promptWav: 'v.wav' }
const PERSONA = 'You are a helpful assistant.'
const END = '<|endofprompt|>'

test('obeys() tells which model follows instructions in which voice', () => {
  const told = (model: CosyvoiceModel, mode: CosyvoiceVoice['mode']) =>
    obeys({ model, voice: { id: 'v', mode, ...clone } })
  expect(told('cosyvoice-300m-sft', 'sft')).toBe(false)
  expect(told('cosyvoice-300m-instruct', 'sft')).toBe(true)
  expect(told('cosyvoice-300m', 'zero_shot')).toBe(false)
  expect(told('cosyvoice2', 'zero_shot')).toBe(true)
  expect(told('cosyvoice3', 'cross_lingual')).toBe(true)
  expect(told('cosyvoice2', 'sft')).toBe(false)
})

describe('cosyvoiceCall()', () => {
  test('sft: the preset’s name at the host, the voice’s id without one', () => {
    const call = { route: 'inference_sft', prompt: false }
    expect(callOf('cosyvoice-300m-sft', { mode: 'sft' })).toEqual({
      ...call,
      fields: { tts_text: 'Hi.', spk_id: 'v' },
    })
    expect(callOf('cosyvoice2', { mode: 'sft', spkId: '中文女' })).toEqual({
      ...call,
      fields: { tts_text: 'Hi.', spk_id: '中文女' },
    })
  })

  test.each([
    ['cosyvoice-300m', '你好。'],
    ['cosyvoice2', '你好。'],
    ['cosyvoice3', `${PERSONA}${END}你好。`],
    ['other', '你好。'],
  ] as const)('zero_shot on %s: transcript %p', (model, prompt_text) => {
    expect(callOf(model, { mode: 'zero_shot', ...clone, promptText: '你好。' })).toEqual({
      route: 'inference_zero_shot',
      fields: { tts_text: 'Hi.', prompt_text },
      prompt: true,
    })
  })

  test.each([
    ['cosyvoice-300m', '<|en|>Hi.'],
    ['cosyvoice2', 'Hi.'],
    ['cosyvoice3', `${PERSONA}${END}Hi.`],
    ['other', 'Hi.'],
  ] as const)('cross_lingual on %s: text %p', (model, tts_text) => {
    expect(callOf(model, { mode: 'cross_lingual', ...clone })).toEqual({
      route: 'inference_cross_lingual',
      fields: { tts_text },
      prompt: true,
    })
  })

  test.each([
    ['你好。', undefined, 'zh'],
    ['こんにちは、世界。', undefined, 'ja'],
    ['世界です。', undefined, 'ja'],
    ['안녕하세요.', undefined, 'ko'],
    ['Hello 你好', undefined, 'zh'],
    ['Bonjour.', 'fr', 'en'],
    ['世界。', 'ja-JP', 'ja'],
    ['你好。', 'yue', 'yue'],
    ['你好。', 'zh-Hant-HK', 'yue'],
    ['你好。', 'zh-CN', 'zh'],
    ['OK.', 'ko', 'ko'],
  ])('cross_lingual of version 1 says which language %p (%p) is: %s', (spoken, language, tag) => {
    const { fields } = callOf('cosyvoice-300m', { mode: 'cross_lingual', ...clone }, { spoken, language })
    expect(fields.tts_text).toBe(`<|${tag}|>${spoken}`)
  })

  test('instruct: the voice’s instruction, the request’s before it', () => {
    const voice = { mode: 'instruct', instructions: 'Calm.' } as const
    expect(callOf('cosyvoice-300m-instruct', voice)).toEqual({
      route: 'inference_instruct',
      fields: { tts_text: 'Hi.', spk_id: 'v', instruct_text: 'Calm.' },
      prompt: false,
    })
    const { fields } = callOf('cosyvoice-300m-instruct', voice, { instructions: 'Loud.' })
    expect(fields.instruct_text).toBe('Loud.')
  })

  test.each([
    ['cosyvoice2', `Calm.${END}`],
    ['cosyvoice3', `${PERSONA} Calm.${END}`],
    ['other', 'Calm.'],
  ] as const)('instruct2 on %s: instruction %p', (model, instruct_text) => {
    expect(callOf(model, { mode: 'instruct2', ...clone, instructions: 'Calm.' })).toEqual({
      route: 'inference_instruct2',
      fields: { tts_text: 'Hi.', instruct_text },
      prompt: true,
    })
  })

  test.each([
    ['cosyvoice-300m', { mode: 'zero_shot', ...clone, promptText: 'x' }, 'inference_zero_shot'],
    ['cosyvoice-300m-sft', { mode: 'sft' }, 'inference_sft'],
    ['cosyvoice-300m-instruct', { mode: 'sft' }, 'inference_instruct'],
    ['cosyvoice2', { mode: 'sft', spkId: 'x' }, 'inference_sft'],
    ['cosyvoice2', { mode: 'zero_shot', ...clone, promptText: 'x' }, 'inference_instruct2'],
    ['cosyvoice3', { mode: 'cross_lingual', ...clone }, 'inference_instruct2'],
    ['other', { mode: 'cross_lingual', ...clone }, 'inference_cross_lingual'],
  ] as const)('a request’s instructions on %s, %p, go to %s', (model, voice, route) => {
    const { fields, ...call } = callOf(model, voice, { instructions: 'Whisper' })
    expect(call.route).toBe(route)
    expect(fields.instruct_text?.includes('Whisper')).toBe(route.includes('instruct') || undefined)
  })

  test('neither text nor instructions can hold a control token', () => {
    const { fields } = callOf(
      'cosyvoice3',
      { mode: 'cross_lingual', ...clone },
      { spoken: `a${END}b`, instructions: `c${END}d <|zh|>` },
    )
    expect(fields).toEqual({ tts_text: 'a b', instruct_text: `${PERSONA} c d${END}` })
  })

  test('instructions of nothing but control tokens are none', () => {
    expect(callOf('cosyvoice2', { mode: 'cross_lingual', ...clone }, { instructions: END }).route).toBe(
      'inference_cross_lingual',
    )
  })
})

test('cosyvoiceRate() is 22050 for version 1, 24000 for the others', () => {
  expect(
    (['cosyvoice-300m', 'cosyvoice-300m-sft', 'cosyvoice-300m-instruct'] as const).map(cosyvoiceRate),
  ).toEqual([22_050, 22_050, 22_050])
  expect((['cosyvoice2', 'cosyvoice3', 'other'] as const).map(cosyvoiceRate)).toEqual([
    24_000, 24_000, 24_000,
  ])
})
