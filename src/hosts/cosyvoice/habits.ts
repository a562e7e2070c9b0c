import type { Clause } from '../../speech.ts'
import { sendable } from '../remote/sendable.ts'
import { spokenText } from '../remote/spoken-text.ts'
import type { CosyvoiceModel, CosyvoiceVoice } from './config.ts'

/** A call as the server wants it: which route, and its text fields. */
export interface CosyvoiceCall {
  readonly route: string
  readonly fields: Readonly<Record<string, string>>
  /** Whether the voice's recording goes with it. */
  readonly prompt: boolean
}

/** Samples a second that a model speaks at; its replies do not say. */
export const cosyvoiceRate = (model: CosyvoiceModel): number =>
  model.startsWith('cosyvoice-300m') ? 22_050 : 24_000

/** Without this before transcript, text or instruction, version 3 asserts in its worker and never answers. */
const PERSONA = 'You are a helpful assistant.'
const END = '<|endofprompt|>'

/**
 * Shapes one clause for a model: which call, and the marks that its version wants around text, transcript and
 * instruction. A clause's own instructions take a clone of version 2 or 3 to `instruct2`, a preset of the
 * instruct model to `instruct`; voices that can follow none go without. Control tokens in the text are not passed on.
 */
export function cosyvoiceCall(clause: Clause, { voice, model }: CallOptions): CosyvoiceCall {
  const text = spokenText(clause, { marks: true })
  const wish = sendable(clause.instructions ?? '')
  const mode = wish ? obedientMode(voice, model) : voice.mode
  const instructions = wish || (voice.instructions ?? '')
  const preset = voice.spkId ?? voice.id
  switch (mode) {
    case 'sft':
      return call(mode, { tts_text: text, spk_id: preset })
    case 'instruct':
      return call(mode, { tts_text: text, spk_id: preset, instruct_text: instructions })
    case 'zero_shot':
      return call(mode, { tts_text: text, prompt_text: transcript(voice.promptText ?? '', model) })
    case 'cross_lingual':
      return call(mode, { tts_text: tagged(text, { model, language: clause.language }) })
    case 'instruct2':
      return call(mode, { tts_text: text, instruct_text: instruction(instructions, model) })
  }
}

export interface CallOptions {
  readonly voice: CosyvoiceVoice
  readonly model: CosyvoiceModel
}

type Mode = CosyvoiceVoice['mode']

const call = (mode: Mode, fields: Readonly<Record<string, string>>): CosyvoiceCall => ({
  route: `inference_${mode}`,
  fields,
  prompt: mode !== 'sft' && mode !== 'instruct',
})

/** Whether there is a call by which the model follows instructions in this voice. */
export const obeys = ({ voice, model }: CallOptions): boolean =>
  obedientMode(voice, model).startsWith('instruct')

/** The mode in which a voice follows instructions; its own when there is none. */
function obedientMode({ mode }: CosyvoiceVoice, model: CosyvoiceModel): Mode {
  if (mode === 'sft') return model === 'cosyvoice-300m-instruct' ? 'instruct' : mode
  return model === 'cosyvoice2' || model === 'cosyvoice3' ? 'instruct2' : mode
}

const transcript = (text: string, model: CosyvoiceModel): string =>
  model === 'cosyvoice3' ? PERSONA + END + text : text

function instruction(text: string, model: CosyvoiceModel): string {
  if (model === 'cosyvoice3') return `${PERSONA} ${text}${END}`
  return model === 'cosyvoice2' ? text + END : text
}

function tagged(
  text: string,
  { model, language }: { model: CosyvoiceModel; language: string | undefined },
): string {
  if (model === 'cosyvoice3') return PERSONA + END + text
  return model.startsWith('cosyvoice-300m') ? `<|${languageTag(text, language)}|>${text}` : text
}

const TAGS = new Set(['zh', 'en', 'ja', 'yue', 'ko'])

/** One of version 1's five languages: the clause's own, else by its script; English for what it has no tag for. */
function languageTag(text: string, language = ''): string {
  const [tag = ''] = language.toLowerCase().split('-')
  if (/^zh-(.*-)?hk$/i.test(language)) return 'yue'
  if (TAGS.has(tag)) return tag
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja'
  if (/\p{Script=Hangul}/u.test(text)) return 'ko'
  return /\p{Script=Han}/u.test(text) ? 'zh' : 'en'
}
