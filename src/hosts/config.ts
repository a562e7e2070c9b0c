import * as z from 'zod'
import { hostTimeouts } from './timeouts.ts'

/** What every kind of host has. */
const common = {
  /** Its name in logs, headers and messages. */
  id: z.string().min(1).max(100),
  /** How many clauses it may be saying at once. */
  slots: z.number().int().min(1).max(1_024).default(4),
  /** Whether it is asked only when no other host has the voice. */
  fallback: z.boolean().default(false),
}

/** BCP 47 tags, such as `zh` or `pt-BR`. */
const languages = z.array(
  z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/, 'must be a tag such as zh or pt-BR'),
)

const milliseconds = z.number().int().min(1).max(3_600_000)

/** How long to wait for a host. Only time in which sotto waits counts, never a slow listener's. */
const timeoutsConfig = z.strictObject({
  /** Until a silent host is called unreachable, if it then takes no connection either. */
  connectMs: milliseconds.default(hostTimeouts.connectMs),
  /** Until the first audio, beside `perCharMs`. */
  firstAudioMs: milliseconds.default(hostTimeouts.firstAudioMs),
  /** Between two pieces of audio, beside `perCharMs`. */
  gapMs: milliseconds.default(hostTimeouts.gapMs),
  /** For a whole clause, beside `perCharMs`. */
  clauseMs: milliseconds.default(hostTimeouts.clauseMs),
  /** Added to each of the three above for every character; a Chinese, Japanese or Korean one counts three. */
  perCharMs: milliseconds.default(hostTimeouts.perCharMs),
  /** How long an abandoned reply is read to its end before the host is cut off. */
  drainMs: milliseconds.default(hostTimeouts.drainMs),
})

/** CosyVoice's models; `other` is a server with the same routes and none of their models' habits. */
export const cosyvoiceModel = z.enum([
  'cosyvoice-300m',
  'cosyvoice-300m-sft',
  'cosyvoice-300m-instruct',
  'cosyvoice2',
  'cosyvoice3',
  'other',
])

const cosyvoiceVoice = z.strictObject({
  /** What requests call it. */
  id: z.string().min(1).max(200),
  /** Which of the server's calls speaks it. */
  mode: z.enum(['sft', 'zero_shot', 'cross_lingual', 'instruct', 'instruct2']),
  /** The preset's name at the host (sft, instruct); its id when absent. */
  spkId: z.string().min(1).max(200).optional(),
  /** A WAV recording of the voice, 16 kHz or more, at most 30 s; relative to the config file. */
  promptWav: z.string().min(1).optional(),
  /** What is said in `promptWav`, word for word. */
  promptText: z.string().trim().min(1).max(1_000).optional(),
  /** How it speaks when a request does not say (instruct, instruct2). */
  instructions: z.string().trim().min(1).max(1_000).optional(),
  /** What it speaks; the host's when absent, and anything when that is too. */
  languages: languages.optional(),
})

/** CosyVoice's own FastAPI server, `runtime/python/fastapi/server.py`, and what imitates it. */
export const cosyvoiceHttpConfig = z
  .strictObject({
    ...common,
    kind: z.literal('cosyvoice-http'),
    /** Where it listens, such as `http://127.0.0.1:50000`. */
    url: z.url({ protocol: /^https?$/, error: 'must be an address such as http://127.0.0.1:50000' }),
    model: cosyvoiceModel,
    /** Samples a second of its replies, which do not say; 22050 for a 300M model, else 24000. */
    sampleRate: z.number().int().min(8_000).max(48_000).optional(),
    /**
     * What becomes of a reply whose caller has left: `drain` reads it to its end, so that the host is left in good
     * order, `abort` closes the connection.
     */
    onAbandon: z.enum(['drain', 'abort']).default('drain'),
    voices: z.array(cosyvoiceVoice).min(1),
    languages: languages.default([]),
    timeouts: timeoutsConfig.prefault({}),
    /** Sent with every call, for a gateway before the host. */
    headers: z.record(z.string().min(1), z.string()).default({}),
  })
  .superRefine(({ model, voices }, context) => {
    for (const [i, voice] of voices.entries()) {
      for (const [field, message] of voiceMistakes(voice, model)) {
        context.addIssue({ code: 'custom', path: ['voices', i, field], message })
      }
      if (voices.findIndex(({ id }) => id === voice.id) < i) {
        const message = `${JSON.stringify(voice.id)} is another voice's id already`
        context.addIssue({ code: 'custom', path: ['voices', i, 'id'], message })
      }
    }
  })

/** The voice inside sotto. */
export const embeddedConfig = z.strictObject({ ...common, kind: z.literal('embedded') })

/** Any host, told by its `kind`. */
export const hostConfig = z.discriminatedUnion('kind', [cosyvoiceHttpConfig, embeddedConfig])

export type HostConfig = z.infer<typeof hostConfig>
export type CosyvoiceHttpConfig = z.infer<typeof cosyvoiceHttpConfig>
export type CosyvoiceVoice = z.infer<typeof cosyvoiceVoice>
export type CosyvoiceModel = z.infer<typeof cosyvoiceModel>
export type EmbeddedConfig = z.infer<typeof embeddedConfig>

type Mistake = readonly [field: keyof CosyvoiceVoice, message: string]

const CLONES = new Set(['zero_shot', 'cross_lingual', 'instruct2'])
const PRESETS = new Set<CosyvoiceModel>(['cosyvoice-300m-sft', 'cosyvoice-300m-instruct', 'other'])

function* voiceMistakes(voice: CosyvoiceVoice, model: CosyvoiceModel): Generator<Mistake> {
  const { mode, spkId, promptWav, promptText, instructions } = voice
  const clone = CLONES.has(mode)
  if (clone && !promptWav) yield ['promptWav', `is needed for mode ${mode}: a recording of the voice`]
  if (!clone && promptWav)
    yield ['promptWav', `is not used by mode ${mode}; clones are zero_shot, cross_lingual or instruct2`]
  if (mode === 'zero_shot' && !promptText)
    yield ['promptText', 'is needed for mode zero_shot: what promptWav says']
  if (mode !== 'zero_shot' && promptText) yield ['promptText', `is not used by mode ${mode}`]
  if (clone && spkId) yield ['spkId', `is not used by mode ${mode}`]
  if (mode.startsWith('instruct') && !instructions) {
    yield ['instructions', `is needed for mode ${mode}: how to speak when a request does not say`]
  }
  if (!mode.startsWith('instruct') && instructions) yield ['instructions', `is not used by mode ${mode}`]
  if (mode === 'sft' && !spkId && !PRESETS.has(model)) {
    yield [
      'spkId',
      `is needed for mode sft on ${model}, which ships no preset voices: name the one that was added`,
    ]
  }
  if (mode === 'instruct' && model !== 'cosyvoice-300m-instruct' && model !== 'other') {
    yield ['mode', `instruct is known to cosyvoice-300m-instruct only, the model is ${model}`]
  }
  if (mode === 'instruct2' && model.startsWith('cosyvoice-300m')) {
    yield ['mode', `instruct2 is known to cosyvoice2 and cosyvoice3 only, the model is ${model}`]
  }
}
