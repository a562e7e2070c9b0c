import { joinBytes } from '../../pcm/join-bytes.ts'
import type { Bytes, Samples } from '../../speech.ts'
import { readAudio } from '../audio/read-audio.ts'
import { jsonAudio } from '../http/json-audio.ts'
import { parseJson } from '../http/parse-json.ts'
import { hasError, type SaidBy, saidError } from '../http/said-error.ts'
import { badReply } from '../remote/bad-reply.ts'
import type { Decoder } from '../remote/reply-audio.ts'

/** No clause takes more, be it base64. */
const LONGEST = 64_000_000

/** Reads a reply that is one JSON object with base64 audio in it, or an error; all of its audio comes at its end. */
export class JsonReply implements Decoder {
  readonly #by: SaidBy
  readonly #parts: Bytes[] = []
  #length = 0
  rate: number

  constructor({ rate, ...by }: SaidBy & { readonly rate: number }) {
    this.#by = by
    this.rate = rate
  }

  push(chunk: Bytes): Samples {
    this.#parts.push(chunk)
    this.#length += chunk.length
    if (this.#length > LONGEST) throw badReply(`sent a reply of over ${LONGEST} bytes`, { retryable: false })
    return new Int16Array(0)
  }

  end(): Samples {
    const json = parseJson(joinBytes(this.#parts))
    const { error } = Object(json) as { error?: unknown }
    const audio = error ? undefined : jsonAudio(json)
    if (!audio) {
      throw hasError(json) ? saidError(json, this.#by) : badReply('answered with JSON that holds no audio')
    }
    const { rate, samples } = readAudio(audio.bytes, { claim: audio.claim, rate: audio.rate ?? this.rate })
    this.rate = rate
    return samples
  }
}
