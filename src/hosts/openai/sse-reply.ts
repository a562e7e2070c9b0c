import { joinSamples } from '../../pcm/join-samples.ts'
import type { Bytes, Samples } from '../../speech.ts'
import { AudioBytes } from '../audio/audio-bytes.ts'
import { jsonAudio } from '../http/json-audio.ts'
import { parseJson } from '../http/parse-json.ts'
import { type SaidBy, saidError } from '../http/said-error.ts'
import { badReply } from '../remote/bad-reply.ts'
import type { Decoder } from '../remote/reply-audio.ts'
import { Sse, type SseEvent } from './sse.ts'

/** What hosts write to say that all is said. */
const DONE = '[DONE]'

/**
 * Reads OpenAI's speech events: `speech.audio.delta` with base64 in `audio` (some hosts write `delta`, or an object),
 * each of them samples or a part of a WAV or a whole one, then `speech.audio.done` or `[DONE]`. An error event, and an
 * end without either of these, is a failure.
 */
export class SseReply implements Decoder {
  readonly #by: SaidBy
  readonly #rate: number
  readonly #events = new Sse()
  #audio: AudioBytes | undefined
  #isDone = false

  constructor({ rate, ...by }: SaidBy & { readonly rate: number }) {
    this.#by = by
    this.#rate = rate
  }

  get rate(): number {
    return this.#audio?.rate ?? this.#rate
  }

  get isDone(): boolean {
    return this.#isDone
  }

  push(chunk: Bytes): Samples {
    return this.#read(this.#events.push(chunk))
  }

  end(): Samples {
    const samples = this.#read(this.#events.end())
    if (!this.#isDone) throw badReply('ended its events without saying that all is said')
    return samples
  }

  #read(events: readonly SseEvent[]): Samples {
    return events.map((event) => this.#samples(event)).reduce(joinSamples, new Int16Array(0))
  }

  #samples({ name, data }: SseEvent): Samples {
    if (this.#isDone) return new Int16Array(0)
    if (data.trim() === DONE) return this.#finish()
    const json = parseJson(data)
    const { type = name, error } = Object(json) as { type?: unknown; error?: unknown }
    if (error || /(^|\.)error$/.test(String(type))) throw saidError(json, this.#by)
    if (/\.done$/.test(String(type))) return this.#finish()
    if (name !== type && !/audio/.test(String(type))) return new Int16Array(0) // words, progress
    const found = jsonAudio(json)
    if (!found) return new Int16Array(0)
    this.#audio ??= new AudioBytes({ claim: found.claim, rate: found.rate ?? this.#rate })
    return this.#audio.push(found.bytes)
  }

  #finish(): Samples {
    this.#isDone = true
    return this.#audio?.end() ?? new Int16Array(0)
  }
}
