import * as z from 'zod'
import { common, httpUrl, languages, type Refining, refuseTwins, remote } from '../remote/config.ts'

/** CosyVoice's models; `other` is a server with the same routes and none of their models' habits. */
export const cosyvoiceModel = z.enum([
  'cosyvoice-300m',
  'cosyvoice-300m-sft',
  'cosyvoice-300m-instruct',
  'cosyvoice2',
  'cosyvoice3',
  'other',
])

export const cosyvoiceVoice = z.strictObject({
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

/** What CosyVoice's servers have in common, whatever their wire. */
export const cosyvoiceHost = {
  ...common,
  /** Where it listens, such as `http://127.0.0.1:50000`; `https` is for one behind TLS. */
  url: httpUrl('http://127.0.0.1:50000'),
  model: cosyvoiceModel,
  /** Samples a second of its replies, which do not say; 22050 for a 300M model, else 24000. */
  sampleRate: z.number().int().min(8_000).max(48_000).optional(),
  ...remote,
  voices: z.array(cosyvoiceVoice).min(1),
}

export type CosyvoiceVoice = z.infer<typeof cosyvoiceVoice>
export type CosyvoiceModel = z.infer<typeof cosyvoiceModel>

export type VoiceMistake = readonly [field: keyof CosyvoiceVoice, message: string]

const CLONES = new Set(['zero_shot', 'cross_lingual', 'instruct2'])
const PRESETS = new Set<CosyvoiceModel>(['cosyvoice-300m-sft', 'cosyvoice-300m-instruct', 'other'])

/** What of a voice cannot work with a model, whatever the server. */
export function* voiceMistakes(voice: CosyvoiceVoice, model: CosyvoiceModel): Generator<VoiceMistake> {
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

/** Refuses voices that cannot work, and a second one of one id. */
export function refuseVoices(
  voices: readonly CosyvoiceVoice[],
  context: Refining,
  mistakesOf: (voice: CosyvoiceVoice) => Iterable<VoiceMistake>,
): void {
  for (const [i, voice] of voices.entries()) {
    for (const [field, message] of mistakesOf(voice)) {
      context.addIssue({ code: 'custom', path: ['voices', i, field], message })
    }
  }
  refuseTwins(voices, context)
}
