import type { SetTimer } from '../../run/set-timer.ts'
import { ConnectionWatch, type ConnectionWatchOptions } from '../remote/connection-watch.ts'
import { isClosed, unreachable, type Whom } from '../remote/failure.ts'
import type { Leaving } from '../remote/leaving.ts'
import { refusal } from './refusal.ts'

export interface PostDeps extends Pick<ConnectionWatchOptions, 'reach'> {
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>
  readonly setTimer: SetTimer
}

export interface PostConfig {
  readonly address: URL
  readonly apiKey?: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly timeouts: { readonly connectMs: number }
}

export interface PostOptions {
  readonly whom: Whom
  /** Ends the request and its reply, and can be told to. */
  readonly leaving: Pick<Leaving, 'signal' | 'end'>
  /** Never to be repeated in a message. */
  readonly hidden: readonly string[]
}

export type Post = (body: object, options: PostOptions) => Promise<Response>

/**
 * Gives what sends JSON to a host: resolves with its reply when that is a success, else rejects with a `SpeechError`. A
 * connection that was closed while it lay idle is nobody's fault: the request is sent once more, and only once.
 */
export const jsonPost = (config: PostConfig, { fetch, setTimer, reach }: PostDeps): Post => {
  const { address, apiKey, timeouts } = config
  const headers = new Headers({ 'content-type': 'application/json' })
  if (apiKey) headers.set('authorization', `Bearer ${apiKey}`)
  for (const [name, value] of Object.entries(config.headers)) headers.set(name, value)
  return async (json, { whom, leaving, hidden }) => {
    // A blob: Deno sends text or bytes a second time by itself when the host has read them and hangs up.
    const body = new Blob([JSON.stringify(json)])
    const onAbsent = (reason: Error) => leaving.end(reason)
    using _watch = new ConnectionWatch(address, {
      ms: timeouts.connectMs,
      onAbsent,
      setTimer,
      ...(reach && { reach }),
    })
    const { signal } = leaving
    const post = () => fetch(address, { method: 'POST', headers, body, signal, redirect: 'manual' })
    const again = (thrown: unknown) => (!signal.aborted && isClosed(thrown) ? post() : Promise.reject(thrown))
    const response = await post()
      .catch(again)
      .catch((thrown) => {
        throw unreachable(whom, thrown)
      })
    if (response.ok) return response
    throw await refusal(response, { whom, hidden: apiKey ? [...hidden, apiKey] : hidden, setTimer })
  }
}
