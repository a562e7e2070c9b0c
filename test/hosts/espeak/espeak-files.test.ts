import { beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import untyped from '@echogarden/espeak-ng-emscripten'
import { EspeakFiles } from '../../../src/hosts/espeak/espeak-files.ts'
import type { EspeakSpeaker, StartEspeak } from '../../../src/hosts/espeak/espeak-ng.ts'
import { asset } from '../../../src/run/asset.ts'

const PATH = asset('@echogarden/espeak-ng-emscripten/espeak-ng.data')

describe('EspeakFiles', () => {
  let files: EspeakFiles
  let speaker: EspeakSpeaker

  beforeAll(async () => {
    files = await EspeakFiles.open(PATH)
    const espeak = await (untyped as StartEspeak)({ getPreloadedPackage: () => files.store })
    await files.attach(espeak.FS)
    speaker = await new espeak.eSpeakNGWorker()
  })

  function phonemes(voice: string, text: string): string {
    expect(speaker.set_voice(voice)).toBe(0)
    const ids: unknown[] = []
    speaker.synthesize(text, (_, events) => {
      for (const { type, id } of events) if (type === 'phoneme') ids.push(id)
      return false
    })
    return ids.join('')
  }

  const read = () => new Uint8Array(files.store).reduce((sum, byte) => sum + (byte === 0 ? 0 : 1), 0)

  test('read little until a language is spoken', async () => {
    expect(read()).toBeLessThan(2_000_000)
    await files.fetch('en-us')
    await files.fetch('cmn')
    expect(read()).toBeLessThan(4_000_000)
  })

  test('have English and Mandarin said right', () => {
    expect(phonemes('gmw/en', 'hello')).toBe('həlˈəʊ')
    expect(phonemes('gmw/en-US', 'hello')).toBe('həlˈoʊ')
    expect(phonemes('sit/cmn', '你好')).toBe('niχˈɑu')
  })

  test('bring a dictionary that nobody fetched', () => {
    expect(phonemes('zle/ru', 'привет')).toBe('prʲivʲˈet')
  })

  test('hold nothing that is not in the file, each byte in its place', () => {
    const whole = readFileSync(PATH)
    expect(new Uint8Array(files.store).findIndex((byte, at) => byte !== 0 && byte !== whole[at])).toBe(-1)
  })
})
