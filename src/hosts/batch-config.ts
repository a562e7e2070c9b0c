import * as z from 'zod'
import { apiKey, common, httpUrl, namedVoice, rawRate, refuseDoubles, remote } from './remote/config.ts'

const field = z.string().min(1).max(100)

/** A server that takes `{texts: […]}` in one call and answers with as many pieces of audio. */
export const batchConfig = z
  .strictObject({
    ...common,
    kind: z.literal('batch'),
    /** How many calls, of many clauses each, it may have: a second one waits there, so that it never rests meanwhile. */
    slots: common.slots.default(2),
    /** The full address of the call, such as `http://127.0.0.1:9000/batch`. */
    url: httpUrl('http://127.0.0.1:9000/batch'),
    voices: z.array(namedVoice).min(1),
    /** Most texts in one call. */
    maxBatch: z.number().int().min(1).max(64).default(64),
    /** How long a clause may wait for company while the host has a place free but is not idle, in milliseconds. */
    maxBatchDelayMs: z.number().int().min(0).max(10_000).default(30),
    /** Sizes that the host does best. */
    preferredBatchSizes: z.array(z.number().int().min(1).max(64)).default([8, 16, 32, 64]),
    /** What the host calls the fields of its request. */
    fields: z
      .strictObject({
        texts: field.default('texts'),
        voice: field.default('voice'),
        speed: field.default('speed'),
        seed: field.default('seed'),
        instructions: field.default('instructions'),
      })
      .prefault({}),
    /** Samples a second of raw audio that does not say; a WAV does. */
    sampleRate: rawRate,
    /** Whether the host changes the pace itself; sotto does when not. */
    speed: z.boolean().default(false),
    /** Whether it knows marks such as `<strong>` and `[laughter]`. */
    marks: z.boolean().default(true),
    /** Further fields of the request. */
    extra: z.record(z.string().min(1), z.unknown()).default({}),
    ...remote,
    apiKey,
    /** As elsewhere; such servers mostly do not see that a caller has left, and work on. */
    onAbandon: z.enum(['drain', 'abort']).default('drain'),
  })
  .superRefine((config, context) => refuseDoubles(config, context, Object.values(config.fields)))

export type BatchConfig = z.infer<typeof batchConfig>
