import type { Bytes } from '../../speech.ts'
import type { CosyvoiceHttpConfig } from '../cosyvoice-http-config.ts'
import { ConnectionWatch, type ConnectionWatchOptions } from '../remote/connection-watch.ts'
import { isClosed, notAudio, refusal, unreachable, type Whom } from '../remote/failure.ts'
import type { Leaving } from '../remote/leaving.ts'
import type { CosyvoiceCall } from './habits.ts'

export interface CosyvoiceRequestDeps extends Pick<ConnectionWatchOptions, 'setTimer' | 'reach'> {
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>
}

export interface CosyvoiceRequestOptions {
  /** The voice's recording, where the call wants one. */
  readonly recording: File | undefined
  readonly whom: Whom
  /** Ends the request and its reply, and can be told to. */
  readonly leaving: Pick<Leaving, 'signal' | 'end'>
}

export type CosyvoiceRequest = (
  call: CosyvoiceCall,
  options: CosyvoiceRequestOptions,
) => Promise<ReadableStream<Bytes>>

/** Gives what sends calls to a host: resolves with the reply's body, whose audio is yet to come, or a `SpeechError`. */
export const cosyvoiceRequest =
  (
    { url, headers, timeouts }: CosyvoiceHttpConfig,
    { fetch, ...deps }: CosyvoiceRequestDeps,
  ): CosyvoiceRequest =>
  async (call, { recording, whom, leaving }) => {
    const address = new URL(call.route, url.replace(/\/*$/, '/'))
    const body = form(call, recording)
    const onAbsent = (reason: Error) => leaving.end(reason)
    using _watch = new ConnectionWatch(address, { ms: timeouts.connectMs, onAbsent, ...deps })
    const { signal } = leaving
    const post = () => fetch(address, { method: 'POST', headers, body, signal })
    // A connection kept from an earlier call may be closed by the host just as it is used again.
    const again = (thrown: unknown) => (!signal.aborted && isClosed(thrown) ? post() : Promise.reject(thrown))
    const response = await post()
      .catch(again)
      .catch((thrown) => {
        throw unreachable(whom, thrown)
      })
    return audioOf(response, whom)
  }

async function audioOf(response: Response, whom: Whom): Promise<ReadableStream<Bytes>> {
  const type = response.headers.get('content-type') ?? '' // upstream sends none
  if (!response.ok) throw await refusal(whom, response)
  if (response.body && !/^(text\/|application\/json)/.test(type)) return response.body
  await response.body?.cancel()
  throw notAudio(whom, type || 'nothing')
}

function form({ fields }: CosyvoiceCall, recording: File | undefined): FormData {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  if (recording) body.set('prompt_wav', recording)
  return body
}
