import type { Samples } from '../../src/speech.ts'
import { clamped, type VoiceOptions, voiceOf } from './cosyvoice-voice.ts'

export type FakeModel =
  | 'cosyvoice-300m'
  | 'cosyvoice-300m-sft'
  | 'cosyvoice-300m-instruct'
  | 'cosyvoice2'
  | 'cosyvoice3'

const PRESETS = ['中文女', '中文男', '日语男', '粤语女', '英文女', '英文男', '韩语女']

/** The voices that a model ships with. */
export const presetsOf = (model: FakeModel): readonly string[] => (/sft|instruct/.test(model) ? PRESETS : [])

/** Samples a second of what a model says. */
export const rateOf = (model: FakeModel): number => (model.startsWith('cosyvoice-300m') ? 22_050 : 24_000)

const PERSONA = 'You are a helpful assistant.<|endofprompt|>'

/** What of a text is heard: a version's prefix and a language's tag are not. */
export const aloudOf = (text: string): string => text.replace(PERSONA, '').replace(/^<\|\w+\|>/, '')

/** Whether a text goes into the model as it is: one with a mark in it is not split. */
const isWhole = (text: string): boolean => /<\|.*\|>/s.test(text)

/** What of a text is spoken at a time: sentences, joined until `least` characters are together. */
export const piecesOf = (text: string, least: number): readonly string[] =>
  isWhole(text) ? [aloudOf(text)] : joinedSentences(text, least)

/** Drops what holds no letter. */
function joinedSentences(text: string, least: number): string[] {
  const pieces: string[] = []
  for (const [sentence] of text.matchAll(/[^.!?。！？]*[.!?。！？]*/gu)) {
    const last = pieces.at(-1)
    if (last !== undefined && last.length < least) pieces[pieces.length - 1] = last + sentence
    else if (sentence) pieces.push(sentence)
  }
  return pieces.filter((piece) => /[\p{L}\p{N}]/u.test(piece))
}

/** Speaks for so long whatever the text, in pieces of a second; `Infinity` for ever. */
export function* tone(seconds: number, options: VoiceOptions): Generator<Samples> {
  const second = clamped(voiceOf('x'.repeat(15), options)).slice(0, options.rate)
  for (let left = seconds; left > 0; left--) yield second.slice(0, Math.round(left * options.rate))
}
