import type { SetTimer } from '../../run/set-timer.ts'
import type { Conceal } from '../remote/conceal.ts'
import { ConnectionWatch, type ConnectionWatchOptions } from '../remote/connection-watch.ts'
import { isClosed, unreachable, type Whom } from '../remote/failure.ts'
import type { Leaving } from '../remote/leaving.ts'
import { type Refused, refusal } from './refusal.ts'

export interface PostDeps extends Pick<ConnectionWatchOptions, 'reach'> {
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>
  readonly setTimer: SetTimer
}

export interface PostConfig {
  readonly apiKey?: string | undefined
  readonly headers: Headers | Readonly<Record<string, string>>
  readonly timeouts: { readonly connectMs: number }
  /** See {@link Refused}. */
  readonly refused?: Refused
}

export interface Message {
  readonly address: URL
  /** Not text, bytes or parameters: Deno sends these a second time by itself when the host has read them and hangs up. */
  readonly body: Blob | FormData
}

export interface PostOptions {
  readonly whom: Whom
  /** Ends the request and its reply, and can be told to. */
  readonly leaving: Pick<Leaving, 'signal' | 'end'>
  readonly conceal: Conceal
}

export type Post = (message: Message, options: PostOptions) => Promise<Response>

/**
 * Gives what sends messages to a host: resolves with its reply when that is a success, else rejects with a
 * `SpeechError`. A connection that was closed while it lay idle is nobody's fault: the request is sent once more, over a
 * new one, and only once.
 */
export const httpPost = (config: PostConfig, { fetch, ...deps }: PostDeps): Post => {
  const { apiKey, timeouts, refused } = config
  const headers = new Headers(config.headers)
  if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'identity') // audio gains nothing by it
  if (apiKey && !headers.has('authorization')) headers.set('authorization', `Bearer ${apiKey}`)
  return async ({ address, body }, { whom, leaving, conceal }) => {
    const onAbsent = (reason: Error) => leaving.end(reason)
    using _watch = new ConnectionWatch(address, { ms: timeouts.connectMs, onAbsent, ...deps })
    const { signal } = leaving
    const init = { method: 'POST', headers, body, signal, redirect: 'manual' } as const
    const afresh = (thrown: unknown) => {
      if (signal.aborted || !isClosed(thrown)) throw thrown
      return fetch(address, { ...init, keepalive: false }) // or it might get another connection that was closed
    }
    const response = await fetch(address, init)
      .catch(afresh)
      .catch((thrown) => {
        throw unreachable(whom, thrown)
      })
    if (response.ok) return response
    const { setTimer } = deps
    throw await refusal(response, { whom, conceal, setTimer, refused })
  }
}

export type JsonPost = (
  message: { readonly address: URL; readonly json: object },
  options: PostOptions,
) => Promise<Response>

/** The same for JSON. */
export const jsonPost = (config: PostConfig, deps: PostDeps): JsonPost => {
  const headers = new Headers(config.headers)
  if (!headers.has('content-type')) headers.set('content-type', 'application/json')
  const post = httpPost({ ...config, headers }, deps)
  return ({ address, json }, options) => post({ address, body: new Blob([JSON.stringify(json)]) }, options)
}
