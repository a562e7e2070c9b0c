import * as z from 'zod'
import { lexiconEntry } from '../clauses/config.ts'
import type { Terms } from '../dispatch/tenants.ts'
import type { Voices } from '../dispatch/voices.ts'
import { SpeechError } from '../errors.ts'
import { allowsRate, FORMATS } from '../pcm/encode.ts'
import type { Format, Speech } from '../speech.ts'
import { LANGUAGE_RULE, LANGUAGE_TAG } from './language-tag.ts'

const FORMAT_NAMES = Object.keys(FORMATS) as [Format, ...Format[]]

/** The one format of OpenAI's that is not here. */
const NO_AAC = `aac is not offered, since no well-kept encoder streams it; use one of ${FORMAT_NAMES.join(', ')}`

/** OpenAI's fields, then those of others and sotto's own; no more. */
export const speechBody = (maxChars: number) =>
  z.strictObject({
    model: z.string().min(1).max(200),
    input: z
      .string()
      .min(1)
      .refine((text) => text.length <= maxChars || characters(text) <= maxChars, {
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
    /** What clients of vllm and Kokoro send; of no effect, as every reply is streamed. */
    stream: z.boolean().optional(),
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
    priority: z.number().int().min(-10).max(10).default(0),
    deadline_ms: z.number().int().min(1).max(3_600_000).optional(),
    degrade: z.boolean().default(true),
  })

export type SpeechBody = z.output<ReturnType<typeof speechBody>>

export interface SpeechOfOptions {
  readonly id: string
  readonly voices: Pick<Voices, 'resolve'>
  /** On which the caller asks. */
  readonly terms: Terms
  /** When the request came, in milliseconds of `performance.now()`. */
  readonly arrivedAt: number
}

/** Gives what a body asks for; throws an `invalid` error for what its fields cannot be together. */
export function speechOf(body: SpeechBody, { id, voices, terms, arrivedAt }: SpeechOfOptions): Speech {
  const { response_format: format, sample_rate: sampleRate = FORMATS[format].defaultRate } = body
  if (!allowsRate(format, sampleRate)) throw badRate(format, sampleRate)
  if (body.cache === 'only-if-cached') throw notCached()
  const deadlineMs = body.deadline_ms ?? terms.deadlineMs
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
    tenant: terms.tenant,
    priority: Math.min(body.priority, terms.maxPriority),
    deadlineAt: deadlineMs === undefined ? undefined : arrivedAt + deadlineMs,
    degrade: body.degrade && terms.degrade,
    share: body.cache !== 'no-store',
  }
}

/** Counts characters as people do: a pair of surrogates is one. */
export const characters = (text: string): number => {
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
