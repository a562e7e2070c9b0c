import { SpeechError } from '../../errors.ts'
import type { Bytes } from '../../speech.ts'
import { readAudio, type WholeAudio } from '../audio/read-audio.ts'
import { contentType } from '../http/content-type.ts'
import { jsonAudio } from '../http/json-audio.ts'
import { parseJson } from '../http/parse-json.ts'
import { hasError, type SaidBy, saidError } from '../http/said-error.ts'
import { badReply } from '../remote/bad-reply.ts'
import { multipart, type Part } from './multipart.ts'
import { outcomeOf } from './outcome-of.ts'

/** One text's audio, or why there is none. */
export type Result = WholeAudio | SpeechError

export interface ResultsOptions extends SaidBy {
  /** How many texts there were. */
  readonly count: number
  /** Samples a second of raw audio that does not say. */
  readonly sampleRate: number
}

/**
 * Reads a whole reply, told by its content type: JSON with base64 in an array, parts, or for one text plain audio. Gives
 * as many results as there were texts, in their order, each failing alone; throws when the reply as a whole is wrong.
 */
export function resultsOf(reply: Bytes, headers: Headers, options: ResultsOptions): Result[] {
  const { type, parameters } = contentType(headers.get('content-type'))
  if (type.startsWith('multipart/')) {
    const items = multipart(reply, parameters.get('boundary') ?? '').map((part) => partResult(part, options))
    return complete(items, options)
  }
  if (/^application\/(.*\+)?json$/.test(type)) return fromJson(reply, options)
  if (options.count === 1 && /^audio\//.test(type)) {
    return [outcomeOf(() => readAudio(reply, { claim: type, rate: options.sampleRate }))]
  }
  const what = type || 'no content type'
  throw badReply(`answered with ${what}, not with JSON or parts: is url its batch call?`, {
    retryable: false,
  })
}

interface Item {
  /** Its place, where the host says. */
  readonly index?: number | undefined
  readonly result: Result
}

function fromJson(reply: Bytes, options: ResultsOptions): Result[] {
  const json = parseJson(reply)
  const list = listIn(json)
  if (list)
    return complete(
      list.map((item) => jsonItem(item, options)),
      options,
    )
  if (hasError(json)) throw saidError(json, options)
  throw badReply('answered with JSON that holds no array of results', { retryable: false })
}

function listIn(json: unknown): readonly unknown[] | undefined {
  if (Array.isArray(json)) return json
  const { results, audios, data, outputs, items, audio } = Object(json) as Record<string, unknown>
  return [results, audios, data, outputs, items, audio].find(Array.isArray)
}

function jsonItem(json: unknown, { sampleRate, ...by }: ResultsOptions): Item {
  const { error, index } = Object(json) as { error?: unknown; index?: unknown }
  return {
    index: Number.isInteger(index) ? (index as number) : undefined,
    result: outcomeOf(() => {
      const audio = error ? undefined : jsonAudio(json)
      if (!audio) throw error ? saidError(json, by) : badReply('sent no audio for one of the texts')
      return readAudio(audio.bytes, { claim: audio.claim, rate: audio.rate ?? sampleRate })
    }),
  }
}

function partResult({ type: written, bytes }: Part, options: ResultsOptions): Item {
  const { type } = contentType(written)
  if (/json$/.test(type)) {
    const json = outcomeOf(() => parseJson(bytes))
    return json instanceof SpeechError ? { result: json } : jsonItem(json, options)
  }
  return { result: outcomeOf(() => readAudio(bytes, { claim: type, rate: options.sampleRate })) }
}

/** Puts results where they say that they belong; throws unless there is one for each text. */
function complete(items: readonly Item[], { count }: ResultsOptions): Result[] {
  const places = new Map(items.map(({ index, result }, i) => [index ?? i, result]))
  const results = Array.from({ length: count }, (_, i) => places.get(i))
  const isComplete = items.length === count && places.size === count
  if (!isComplete || results.includes(undefined)) {
    throw badReply(`sent ${items.length} results for ${count} texts, or not one for each`)
  }
  return results as Result[]
}
