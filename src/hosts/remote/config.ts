import * as z from 'zod'
import { hostTimeouts } from '../timeouts.ts'

/** What every kind of host has. */
export const common = {
  /** Its name in logs, headers and messages. */
  id: z.string().min(1).max(100),
  /** How many calls it may have at once; `auto` finds out by its latency, for a host that batches inside. */
  slots: z.union([z.number().int().min(1).max(1_024), z.literal('auto')]).default(4),
  /** Whether it is asked only when no other host has the voice, and stands in when no other host can speak. */
  fallback: z.boolean().default(false),
  /** Connections to it at once, whatever `slots` says; 50 when absent, or `slots` where that is more. */
  maxConnections: z.number().int().min(1).max(4_096).optional(),
  /** Calls to it a second. */
  maxRequestsPerSecond: z.number().min(0.01).max(100_000).default(100),
  /** Hosts of one group have the bounds of the queue together; its own id when absent. */
  group: z.string().min(1).max(100).optional(),
}

/** BCP 47 tags, such as `zh` or `pt-BR`. */
export const languages = z.array(
  z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/, 'must be a tag such as zh or pt-BR'),
)

const milliseconds = z.number().int().min(1).max(3_600_000)

/** How long to wait for a host. Only time in which sotto waits counts, never a slow listener's. */
export const timeoutsConfig = z.strictObject({
  /** Until a silent host is called unreachable, if it then takes no connection either. */
  connectMs: milliseconds.default(hostTimeouts.connectMs),
  /** Until the first audio, beside `perCharMs`. */
  firstAudioMs: milliseconds.default(hostTimeouts.firstAudioMs),
  /** Between two pieces of audio, beside `perCharMs`. */
  gapMs: milliseconds.default(hostTimeouts.gapMs),
  /** For a whole clause, beside `perCharMs`. */
  clauseMs: milliseconds.default(hostTimeouts.clauseMs),
  /** Added to each of the three above for every character; a Chinese, Japanese or Korean one counts three. */
  perCharMs: z.number().int().min(0).max(3_600_000).default(hostTimeouts.perCharMs),
  /** How long an abandoned reply is read to its end before the host is cut off. */
  drainMs: milliseconds.default(hostTimeouts.drainMs),
})

const headers = z.record(z.string().min(1), z.string()).superRefine((all, context) => {
  for (const [name] of Object.entries(all).filter((header) => !isHeader(header))) {
    const isName = isHeader([name, ''])
    const message = isName ? 'must be one line of Latin letters, digits and signs' : 'is no name of a header'
    context.addIssue({ code: 'custom', path: [name], message })
  }
})

function isHeader(header: [name: string, value: string]): boolean {
  try {
    return new Headers([header]).has(header[0])
  } catch {
    return false
  }
}

/** What every host has that is asked over a network. */
export const remote = {
  /** What becomes of a reply whose caller has left: `drain` reads it to its end, `abort` closes the connection. */
  onAbandon: z.enum(['drain', 'abort']).default('abort'),
  languages: languages.default([]),
  /** Who reads numbers, dates, amounts and units: the `host`, or sotto, which then sends `words`. */
  numbers: z.enum(['host', 'words']).default('host'),
  timeouts: timeoutsConfig.prefault({}),
  /** Sent with every call, for a gateway before the host. */
  headers: headers.default({}),
}

/** Sent as `Authorization: Bearer …`, unless `headers` have an `authorization` of their own. */
export const apiKey = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'must be ASCII letters, digits and signs, without a space')
  .optional()

/** An address over HTTP; `example` is for who has written something else. */
export const httpUrl = (example: string) =>
  z.url({ protocol: /^https?$/, error: `must be an address such as ${example}` })

/** A voice that a host knows by name. */
export const namedVoice = z.strictObject({
  /** What requests call it. */
  id: z.string().min(1).max(200),
  /** What the host calls it; its id when absent. */
  name: z.string().min(1).max(200).optional(),
  /** What it speaks; the host's when absent, and anything when that is too. */
  languages: languages.optional(),
  /** How it speaks when a request does not say. */
  instructions: z.string().trim().min(1).max(4_096).optional(),
  /** Sent when a request has none, for a host whose voices change from call to call without. */
  seed: z.number().int().min(0).max(0xffffffff).optional(),
})

export type NamedVoice = z.infer<typeof namedVoice>

/** Samples a second of replies that do not say. */
export const rawRate = z.number().int().min(8_000).max(48_000).default(24_000)

export interface Refining {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void
}

/** Refuses a second voice of one id. */
export function refuseTwins(voices: readonly { readonly id: string }[], context: Refining): void {
  for (const [i, { id }] of voices.entries()) {
    if (voices.findIndex((voice) => voice.id === id) === i) continue
    const message = `${JSON.stringify(id)} is another voice's id already`
    context.addIssue({ code: 'custom', path: ['voices', i, 'id'], message })
  }
}

interface Named {
  readonly voices: readonly NamedVoice[]
  readonly extra: object
}

/** Refuses a second voice of one id, and fields in `extra` that have a setting of their own, which are `taken`. */
export function refuseDoubles({ voices, extra }: Named, context: Refining, taken: readonly string[]): void {
  refuseTwins(voices, context)
  for (const name of Object.keys(extra).filter((field) => taken.includes(field))) {
    const message = 'cannot be set here: sotto sends this field itself'
    context.addIssue({ code: 'custom', path: ['extra', name], message })
  }
}
