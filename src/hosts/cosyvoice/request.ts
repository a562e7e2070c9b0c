import type { Bytes } from '../../speech.ts'
import type { CosyvoiceHttpConfig } from '../cosyvoice-http-config.ts'
import { httpPost, type PostDeps, type PostOptions } from '../http/post.ts'
import type { Refused } from '../http/refusal.ts'
import { notAudio } from '../remote/failure.ts'
import type { CosyvoiceCall } from './habits.ts'

export interface CosyvoiceRequestOptions extends PostOptions {
  /** The voice's recording, where the call wants one. */
  readonly recording: File | undefined
}

export type CosyvoiceRequest = (
  call: CosyvoiceCall,
  options: CosyvoiceRequestOptions,
) => Promise<ReadableStream<Bytes> | null>

/** Gives what sends calls to a host: resolves with the reply's body, whose audio is yet to come, or a `SpeechError`. */
export function cosyvoiceRequest(config: CosyvoiceHttpConfig, deps: PostDeps): CosyvoiceRequest {
  const post = httpPost({ ...config, refused }, deps)
  const base = config.url.replace(/\/*$/, '/')
  return async (call, { recording, ...options }) => {
    const response = await post({ address: new URL(call.route, base), body: form(call, recording) }, options)
    const type = response.headers.get('content-type') ?? '' // upstream sends none
    if (!/^(text\/|application\/json)/.test(type)) return response.body
    await response.body?.cancel()
    throw notAudio(options.whom, type)
  }
}

/** Our request is wrong for this host, which is our config's fault: neither the caller's nor a sign of a sick host. */
const refused: Refused = () => ['refused the request', { source: 'proxy' }]

function form({ fields }: CosyvoiceCall, recording: File | undefined): FormData {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  if (recording) body.set('prompt_wav', recording)
  return body
}
