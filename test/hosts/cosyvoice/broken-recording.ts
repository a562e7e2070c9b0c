import { describe, expect, test } from 'bun:test'
import type { ReadFile } from '../../../src/hosts/cosyvoice/prompts.ts'
import type { Host } from '../../../src/speech.ts'
import { clauseOf } from '../../fakes/clause.ts'
import { settle } from '../../fakes/clock.ts'
import { failure } from '../contract.ts'

/** A voice whose recording is not there. */
const CLONE = { id: 'v', mode: 'cross_lingual' as const, promptWav: '/voices/v.wav' }

type HostWith = (
  settings: { readonly model: 'cosyvoice2'; readonly voices: [typeof CLONE] },
  readFile?: ReadFile,
) => Host

/** What every CosyVoice host says of a recording that cannot be used. */
export function brokenRecording(name: string, hostWith: HostWith): void {
  const hostOf = (readFile?: ReadFile) => hostWith({ model: 'cosyvoice2', voices: [CLONE] }, readFile)

  describe(`${name} with a recording that cannot be used`, () => {
    test('is never ready, and says which host, voice and file, and why', async () => {
      const error = await failure(hostOf().ready)
      expect(String(error)).toContain('Host "gpu-1" cannot use promptWav /voices/v.wav of voice "v": ENOENT')
      expect(error).toMatchObject({ code: 'unavailable', source: 'proxy' })
      const broken = await failure(hostOf(async () => new Uint8Array(10)).ready)
      expect(String(broken)).toContain('it must be a WAV file')
    })

    test('says so again to whoever asks for the voice', async () => {
      const { signal } = new AbortController()
      const call = hostOf().synthesize(clauseOf('Hi.', { voice: 'v' }), { signal })
      expect(String(await failure(call))).toContain('ENOENT')
      await settle()
    })
  })
}
