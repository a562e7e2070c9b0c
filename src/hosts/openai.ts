import { setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Host } from '../speech.ts'
import { jsonPost, type PostDeps } from './http/post.ts'
import { decoderOf } from './openai/decoder.ts'
import { speechAddress, speechBody } from './openai/request.ts'
import type { OpenaiConfig } from './openai-config.ts'
import { concealing, secretsIn } from './remote/conceal.ts'
import { oneCall } from './remote/one-call.ts'
import { remoteHost } from './remote/remote-host.ts'
import { replyAudio } from './remote/reply-audio.ts'

/** Speaks through any server with OpenAI's `/v1/audio/speech`. What a reply is, its headers and first bytes tell. */
export function openai(config: OpenaiConfig, deps: Partial<PostDeps> = {}): Host {
  const { fetch = globalThis.fetch, setTimer = setRealTimer } = deps
  const { id, sampleRate, onAbandon, timeouts } = config
  const secrets = [...secretsIn(config.headers), config.apiKey ?? '']
  const address = speechAddress(config.url)
  const { host, voiceOf, closed } = remoteHost(config)
  const bodyOf = speechBody(config)
  const post = jsonPost(config, { ...deps, fetch, setTimer })
  return {
    ...host,
    async synthesize(clause, { signal }) {
      const voice = voiceOf(clause.voice)
      const json = bodyOf(clause, voice)
      const whom = { host: id, voice: voice.id }
      return oneCall(
        async (leaving) => {
          const conceal = concealing([...secrets, clause.spoken, clause.text])
          const response = await post({ address, json }, { whom, leaving, conceal })
          const decoder = () => decoderOf(response.headers, { host: id, conceal, sampleRate })
          const speed = config.speed ? clause.speed : 1
          return replyAudio(response.body, { decoder, speed, whom, leaving, setTimer })
        },
        { onAbandon, timeouts, signal, closed, setTimer },
      )
    },
  }
}
