import { describe, expect, test } from 'bun:test'
import { OPENAI_VOICES, Voices } from '../../src/dispatch/voices.ts'
import { hostOf } from '../fakes/host.ts'

const gpu = hostOf('gpu', { voices: ['xiaoxin', 'dave'] })
const local = hostOf('local', { voices: ['auto', 'en'], fallback: true })

describe('Voices', () => {
  test('gives a voice’s own id as it is', () => {
    expect(new Voices([gpu, local]).resolve('dave')).toBe('dave')
  })

  test('deals OpenAI’s names out over the preferred host’s voices', () => {
    const voices = new Voices([local, gpu])
    expect(OPENAI_VOICES.slice(0, 3).map((name) => voices.resolve(name))).toEqual([
      'xiaoxin',
      'dave',
      'xiaoxin',
    ])
  })

  test('prefers the configured alias to the dealt one', () => {
    expect(new Voices([gpu], { alloy: 'dave' }).resolve('alloy')).toBe('dave')
  })

  test('refuses a voice that nobody has, naming some that are', () => {
    expect(() => new Voices([gpu]).resolve('nobody')).toThrow(
      /"nobody" is not known; use one of alloy, .*xiaoxin/,
    )
  })

  test('refuses an alias that leads nowhere when it is made', () => {
    expect(() => new Voices([gpu], { alloy: 'gone' })).toThrow(
      'Voice alias alloy leads to gone, which no host has',
    )
  })

  test('knows a voice by its first host, with the longest transcript of all that have it', () => {
    const having = (id: string, voice: object) => ({
      ...hostOf(id),
      voices: [{ id: 'v', languages: [], ...voice }],
    })
    const voices = new Voices([
      having('a', { languages: ['de'], transcript: 'Kurz.' }),
      having('b', { languages: ['en'], transcript: 'A longer one.' }),
      having('c', {}),
      { ...local, has: (voice) => voice.startsWith('auto') },
    ])
    expect(voices.of('v')).toEqual({ id: 'v', languages: ['de'], transcript: 'A longer one.' })
    expect(voices.of('v')).toBe(voices.of('v'))
    expect(voices.of('auto+f1')).toEqual({ id: 'auto+f1', languages: [] })
    expect(new Voices([gpu]).of('dave').transcript).toBeUndefined()
  })

  test('lists each voice once with its hosts and aliases, fallback hosts last', () => {
    const list = new Voices([local, gpu, hostOf('gpu-2', { voices: ['dave'] })], { nova: 'dave' }).list()
    expect(list.map(({ id, hosts }) => `${id}@${hosts}`)).toEqual([
      'xiaoxin@gpu',
      'dave@gpu,gpu-2',
      'auto@local',
      'en@local',
    ])
    expect(list[1]!.aliases).toContain('nova')
  })
})
