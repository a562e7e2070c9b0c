import { readFile as readFromDisk } from 'node:fs/promises'
import { setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Bytes, Host } from '../speech.ts'
import { cosyvoiceAudio } from './cosyvoice/cosyvoice-audio.ts'
import { cosyvoiceCall, cosyvoiceRate, obeys } from './cosyvoice/habits.ts'
import { cosyvoicePrompts, type ReadFile } from './cosyvoice/prompts.ts'
import { cosyvoiceRequest } from './cosyvoice/request.ts'
import type { CosyvoiceHttpConfig } from './cosyvoice-http-config.ts'
import type { PostDeps } from './http/post.ts'
import { concealing, secretsIn } from './remote/conceal.ts'
import { oneCall } from './remote/one-call.ts'
import { remoteHost } from './remote/remote-host.ts'
import { replyAudio } from './remote/reply-audio.ts'

/** `fetch` and `setTimer` are the platform's unless given. */
export interface CosyvoiceHttpDeps extends Partial<PostDeps> {
  /** @default node:fs/promises' readFile */
  readonly readFile?: ReadFile
}

/**
 * Speaks through CosyVoice's own FastAPI server. `ready` resolves once the voices' recordings are read, and rejects
 * naming host, voice and file when one cannot be used.
 */
export function cosyvoiceHttp(config: CosyvoiceHttpConfig, deps: CosyvoiceHttpDeps = {}): Host {
  const { fetch = globalThis.fetch, readFile = readFromDisk, setTimer = setRealTimer } = deps
  const { id, model, onAbandon, timeouts } = config
  const rate = config.sampleRate ?? cosyvoiceRate(model)
  const { host, voiceOf, closed } = remoteHost(config)
  const secrets = secretsIn(config.headers)
  const prompts = cosyvoicePrompts(config.voices, { id, readFile, encode: wavFile })
  const request = cosyvoiceRequest(config, { ...deps, fetch, setTimer })
  return {
    ...host,
    ready: prompts.ready,
    obeys: (voice) => obeys({ voice: voiceOf(voice), model }),
    async synthesize(clause, { signal }) {
      const voice = voiceOf(clause.voice)
      const call = cosyvoiceCall(clause, { voice, model })
      const recording = call.prompt ? await prompts.of(voice) : undefined
      const whom = { host: id, voice: voice.id }
      return oneCall(
        async (leaving) => {
          const body = await request(call, {
            recording,
            whom,
            leaving,
            conceal: concealing([...secrets, clause.spoken, clause.text]),
          })
          const decoder = () => cosyvoiceAudio(rate)
          return replyAudio(body, { decoder, speed: 1, whom, leaving, setTimer })
        },
        { onAbandon, timeouts, signal, closed, setTimer },
      )
    },
  }
}

const wavFile = (wav: Bytes): File => new File([wav], 'prompt.wav', { type: 'audio/wav' })
