import { SpeechError } from '../errors.ts'
import { setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Host } from '../speech.ts'
import { jsonPost, type PostDeps } from './http/post.ts'
import { decoderOf } from './openai/decoder.ts'
import { speechAddress, speechBody } from './openai/request.ts'
import type { OpenaiConfig } from './openai-config.ts'
import { oneCall } from './remote/one-call.ts'
import { ReplyAudio } from './remote/reply-audio.ts'
import { ReplyBody } from './remote/reply-body.ts'
import { namedVoices } from './remote/voices.ts'

/** Speaks through any server with OpenAI's `/v1/audio/speech`. What a reply is, its headers and first bytes tell. */
export function openai(config: OpenaiConfig, deps: Partial<PostDeps> = {}): Host {
  const { fetch = globalThis.fetch, setTimer = setRealTimer } = deps
  const { id, kind, slots, fallback, sampleRate } = config
  const post = jsonPost({ ...config, address: speechAddress(config.url) }, { ...deps, fetch, setTimer })
  const { get, ...voices } = namedVoices(config)
  const closed = new AbortController()
  return {
    id,
    kind,
    slots,
    fallback,
    ready: Promise.resolve(),
    ...voices,
    async synthesize(clause, { signal }) {
      const voice = get(clause.voice)
      const whom = { host: id, voice: voice.id }
      const request = speechBody(clause, { config, voice })
      const speed = config.speed ? clause.speed : 1
      return oneCall(
        async (leaving) => {
          const response = await post(request, { whom, leaving, hidden: [clause.spoken, clause.text] })
          const body = new ReplyBody(response.body, { whom, leaving })
          return body.orClose(async () => {
            const decoder = decoderOf(response.headers, { host: id, sampleRate })
            return { ...(await new ReplyAudio(body, { decoder, whom, leaving, setTimer }).audio()), speed }
          })
        },
        { ...config, signal, closed: closed.signal, setTimer },
      )
    },
    async [Symbol.asyncDispose]() {
      closed.abort(new SpeechError(`Host "${id}" is shut down`, { code: 'unavailable', source: 'proxy' }))
    },
  }
}
