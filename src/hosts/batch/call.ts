import type { Clause, Signal } from '../../speech.ts'
import type { BatchConfig } from '../batch-config.ts'
import { jsonPost, type PostDeps } from '../http/post.ts'
import { type Conceal, concealing, secretsIn } from '../remote/conceal.ts'
import type { NamedVoice } from '../remote/config.ts'
import { oneCall } from '../remote/one-call.ts'
import type { RemoteHost } from '../remote/remote-host.ts'
import { ReplyBody } from '../remote/reply-body.ts'
import { spokenText } from '../remote/spoken-text.ts'
import { outcomeOf } from './outcome-of.ts'
import { batchBody, refuseMixed } from './request.ts'
import { type Result, resultsOf } from './results.ts'

export interface BatchCallDeps extends PostDeps {
  readonly voiceOf: RemoteHost<NamedVoice>['voiceOf']
  /** Aborts when the host is disposed of. */
  readonly closed: Signal
}

export type BatchCall = (clauses: readonly Clause[], signal: Signal) => Promise<readonly Result[]>

/** Of those who share a call none may hear of the others' texts, in whatever form the host repeats them. */
const concealed: Conceal = () => ''

/** 64 clauses of 20 s at 24 kHz, as base64. */
const LONGEST = 128_000_000

/**
 * Gives what says clauses in one call: as many results in the same order, each audio or what is wrong with it. A text
 * without anything to say fails alone, and is not sent.
 */
export function batchCall(config: BatchConfig, { voiceOf, closed, ...deps }: BatchCallDeps): BatchCall {
  const { id, sampleRate, maxBatch, marks, onAbandon, timeouts } = config
  const address = new URL(config.url)
  const secrets = [...secretsIn(config.headers), config.apiKey ?? '']
  const post = jsonPost(config, deps)

  const send = (texts: readonly string[], clause: Clause, signal: Signal): Promise<Result[]> => {
    const voice = voiceOf(clause.voice)
    const whom = { host: id, voice: voice.id }
    const message = { address, json: batchBody(texts, { clause, config, voice }) }
    const conceal = texts.length > 1 ? concealed : concealing([...secrets, ...texts])
    const { setTimer } = deps
    return oneCall(
      async (leaving) => {
        const response = await post(message, { whom, leaving, conceal })
        const body = new ReplyBody(response.body, { whom, leaving })
        const reply = await body.orClose(() => body.whole(LONGEST))
        body.close()
        return resultsOf(reply, response.headers, {
          count: texts.length,
          host: id,
          conceal,
          sampleRate,
        })
      },
      { onAbandon, timeouts, signal, closed, setTimer },
    )
  }

  return async (clauses, signal) => {
    refuseMixed(clauses, maxBatch)
    signal.throwIfAborted()
    const texts = clauses.map((clause) => outcomeOf(() => spokenText(clause, { marks })))
    const sent = texts.filter((text) => typeof text === 'string')
    const said = sent.length > 0 ? await send(sent, clauses[0]!, signal) : []
    return texts.map((text) => (typeof text === 'string' ? said.shift()! : text))
  }
}
