import { Hono } from 'hono'
import * as z from 'zod'
import { lexiconEntry } from '../clauses/config.ts'
import type { Voices } from '../dispatch/voices.ts'
import { SpeechError } from '../errors.ts'
import { allowsRate, FORMATS } from '../pcm/encode.ts'
import type { Format, Speech } from '../speech.ts'
import { readJson } from './body.ts'
import { LANGUAGE_RULE, LANGUAGE_TAG } from './language-tag.ts'
import { requestIdOf } from './request-id.ts'
import { sse } from './sse.ts'

export interface SpeechRoutes {
  /** Speaks; resolves at the first audio. */
  readonly speak: (speech: Speech, options: { signal: AbortSignal }) => Promise<SpeechReply>
  readonly voices: Pick<Voices, 'resolve'>
  /** Most characters of a text. */
  readonly maxChars: number
}

interface SpeechReply {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>
  readonly seconds: number
}

const FORMAT_NAMES = Object.keys(FORMATS) as [Format, ...Format[]]

/** The one format of OpenAI's that is not here. */
const NO_AAC = `aac is not offered, since no well-kept encoder streams it; use one of ${FORMAT_NAMES.join(', ')}`

/** OpenAI's fields, then sotto's own; no others. */
const speechBody = (maxChars: number) =>
  z.strictObject({
    model: z.string().min(1).max(200),
    input: z
      .string()
      .min(1)
      .refine((text) => characters(text) <= maxChars, {
        error: ({ input }) =>
          `must have at most ${maxChars} characters, current length is ${characters(String(input))}`,
      }),
    voice: z.union([z.string().min(1).max(200), z.strictObject({ id: z.string().min(1).max(200) })]),
    instructions: z.string().max(4096).optional(),
    response_format: z
      .enum(FORMAT_NAMES, { error: ({ input }) => (input === 'aac' ? NO_AAC : undefined) })
      .default('mp3'),
    speed: z.number().min(0.25).max(4).default(1),
    stream_format: z.enum(['audio', 'sse']).default('audio'),
    language: z.string().regex(LANGUAGE_TAG, LANGUAGE_RULE).optional(),
    sample_rate: z.number().int().min(8_000).max(48_000).optional(),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .optional(),
    cache: z.enum(['default', 'no-store', 'only-if-cached']).default('default'),
    lexicon: z.array(lexiconEntry).max(500).default([]),
  })

/** `POST /audio/speech` as OpenAI defined it, streamed as audio or as server-sent events. */
export function speechRoutes({ speak, voices, maxChars }: SpeechRoutes): Hono {
  const schema = speechBody(maxChars)
  return new Hono().post('/audio/speech', async (c) => {
    const body = await readJson(c.req.raw, schema)
    const speech = speechOf(body, { id: requestIdOf(c), voices })
    const reply = await speak(speech, { signal: c.req.raw.signal })
    const headers = { 'x-request-id': speech.id, 'cache-control': 'no-store' }
    if (body.stream_format === 'audio') {
      const type = FORMATS[speech.format].contentType(speech.sampleRate)
      return new Response(reply.stream, { headers: { ...headers, 'content-type': type } })
    }
    const stream = sse(reply.stream, () => usage(characters(body.input), reply.seconds))
    return new Response(stream, { headers: { ...headers, 'content-type': 'text/event-stream' } })
  })
}

function speechOf(
  body: z.output<ReturnType<typeof speechBody>>,
  { id, voices }: Pick<Speech, 'id'> & Pick<SpeechRoutes, 'voices'>,
): Speech {
  const { response_format: format, sample_rate: sampleRate = FORMATS[format].defaultRate } = body
  if (!allowsRate(format, sampleRate)) throw badRate(format, sampleRate)
  if (body.cache === 'only-if-cached') throw notCached()
  return {
    id,
    text: body.input,
    voice: voices.resolve(typeof body.voice === 'string' ? body.voice : body.voice.id),
    language: body.language,
    speed: body.speed,
    instructions: body.instructions,
    seed: body.seed,
    format,
    sampleRate,
    lexicon: body.lexicon,
  }
}

/** A CosyVoice 2 or 3 speech token is 1/25 s of audio (PROTOCOLS 1). */
const TOKENS_PER_SECOND = 25

/** Usage in OpenAI's shape: a character in is a token, and so is each 40 ms of audio out. */
function usage(input: number, seconds: number) {
  const output = Math.ceil(seconds * TOKENS_PER_SECOND)
  return { input_tokens: input, output_tokens: output, total_tokens: input + output }
}

const characters = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}

const badRate = (format: Format, rate: number) =>
  new SpeechError(`sample_rate: ${format} cannot have ${rate} Hz; use ${FORMATS[format].rates}`, {
    code: 'invalid',
    source: 'client',
    field: 'sample_rate',
  })

const notCached = () =>
  new SpeechError('cache: only-if-cached was asked for, and this speech is not cached', {
    code: 'not-found',
    source: 'client',
    field: 'cache',
  })
