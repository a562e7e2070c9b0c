import { describe, expect, test } from 'bun:test'
import { hostConfig } from '../../src/hosts/config.ts'

const preset = { id: '中文女', mode: 'sft' }
const host = {
  id: 'gpu-1',
  kind: 'cosyvoice-http',
  url: 'http://127.0.0.1:50000',
  model: 'cosyvoice-300m-sft',
  voices: [preset],
}
const clone = { id: 'v', mode: 'zero_shot', promptWav: 'v.wav', promptText: '你好。' }

/** The mistakes of a host, each as `path: message`. */
const mistakesOf = (settings: object): string[] => {
  const { error } = hostConfig.safeParse(settings)
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('hostConfig', () => {
  test('fills in what is not said', () => {
    expect(hostConfig.parse(host)).toEqual({
      ...host,
      slots: 4,
      fallback: false,
      maxRequestsPerSecond: 100,
      onAbandon: 'drain',
      languages: [],
      numbers: 'host',
      headers: {},
      timeouts: {
        connectMs: 5_000,
        firstAudioMs: 10_000,
        gapMs: 10_000,
        clauseMs: 60_000,
        perCharMs: 200,
        drainMs: 60_000,
      },
    } as never)
    expect(hostConfig.parse({ id: 'local', kind: 'embedded' })).toEqual({
      id: 'local',
      kind: 'embedded',
      slots: 4,
      fallback: false,
    })
  })

  test('refuses headers and keys that cannot be sent, without a word of what they hold', () => {
    const headers = { 'bad header': 'hush', 'x-line': 'hush\nhush', 'x-han': '中文', 'x-good': 'Bearer é' }
    const openai = { id: 'a', kind: 'openai', url: 'http://h', model: 'm', voices: [{ id: 'v' }] }
    const mistakes = mistakesOf({ ...openai, headers, apiKey: 'sk-…' })
    expect(mistakes.map((line) => line.split(':')[0]).toSorted()).toEqual([
      'apiKey',
      'headers.bad header',
      'headers.x-han',
      'headers.x-line',
    ])
    expect(mistakes.join()).not.toContain('hush')
  })

  test('takes no time a character', () => {
    expect(mistakesOf({ ...host, timeouts: { perCharMs: 0 } })).toEqual([])
  })

  test.each([
    ['cosyvoice2', clone],
    ['cosyvoice3', { id: 'v', mode: 'cross_lingual', promptWav: 'v.wav', languages: ['en', 'pt-BR'] }],
    ['cosyvoice3', { id: 'v', mode: 'instruct2', promptWav: 'v.wav', instructions: 'Calm.' }],
    ['cosyvoice2', { id: 'v', mode: 'sft', spkId: 'mine' }],
    ['cosyvoice-300m', clone],
    ['cosyvoice-300m-instruct', { id: 'v', mode: 'instruct', instructions: 'Calm.' }],
    ['cosyvoice-300m-instruct', preset],
    ['other', preset],
    ['other', { id: 'v', mode: 'instruct2', promptWav: 'v.wav', instructions: 'Calm.' }],
  ])('takes on %s the voice %p', (model, voice) => {
    expect(mistakesOf({ ...host, model, voices: [voice] })).toEqual([])
  })

  test.each([
    ['cosyvoice2', { id: 'v', mode: 'zero_shot' }, ['promptWav: is needed', 'promptText: is needed']],
    [
      'cosyvoice2',
      { id: 'v', mode: 'cross_lingual', promptText: 'x' },
      ['promptWav: is needed', 'promptText: is not used'],
    ],
    ['cosyvoice2', { ...clone, spkId: 'x' }, ['spkId: is not used']],
    ['cosyvoice2', { ...clone, instructions: 'x' }, ['instructions: is not used']],
    ['cosyvoice2', preset, ['spkId: is needed for mode sft on cosyvoice2, which ships no preset voices']],
    ['cosyvoice-300m', preset, ['spkId: is needed']],
    ['cosyvoice-300m-sft', { ...preset, promptWav: 'v.wav' }, ['promptWav: is not used']],
    [
      'cosyvoice3',
      { id: 'v', mode: 'instruct', instructions: 'x' },
      ['mode: instruct is known to cosyvoice-300m-instruct only'],
    ],
    [
      'cosyvoice-300m',
      { id: 'v', mode: 'instruct2', promptWav: 'v.wav' },
      ['instructions: is needed', 'mode: instruct2 is known to cosyvoice2'],
    ],
  ])('refuses on %s the voice %p: %p', (model, voice, expected) => {
    const mistakes = mistakesOf({ ...host, model, voices: [voice] })
    expect(mistakes).toHaveLength(expected.length)
    for (const [i, message] of expected.entries()) expect(mistakes[i]).toStartWith(`voices.0.${message}`)
  })

  test.each([
    ['two voices of one name', { voices: [preset, preset] }, 'voices.1.id'],
    ['no voices', { voices: [] }, 'voices'],
    ['an address of another kind', { url: 'ftp://x' }, 'url'],
    ['no address', { url: '127.0.0.1:50000' }, 'url'],
    ['an unknown model', { model: 'cosyvoice4' }, 'model'],
    ['an unknown name', { port: 1 }, ''],
    ['an unknown name in a voice', { voices: [{ ...preset, speed: 1 }] }, 'voices.0'],
    ['an unknown kind', { kind: 'magic' }, 'kind'],
    ['no slots', { slots: 0 }, 'slots'],
    ['too many slots', { slots: 1_025 }, 'slots'],
    ['a language that is none', { languages: ['English'] }, 'languages.0'],
    ['a timeout of nothing', { timeouts: { gapMs: 0 } }, 'timeouts.gapMs'],
  ])('refuses %s', (_, settings, path) => {
    const mistakes = mistakesOf({ ...host, ...settings })
    expect(mistakes).toHaveLength(1)
    expect(mistakes[0]).toStartWith(`${path}: `)
  })
})
