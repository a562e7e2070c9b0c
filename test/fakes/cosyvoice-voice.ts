import type { Bytes, Samples } from '../../src/speech.ts'

const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u

/** About how long a character takes to say, in seconds. */
const secondsOf = (character: string): number => (WIDE.test(character) ? 0.22 : 0.067)

export interface VoiceOptions {
  /** Samples a second. */
  readonly rate: number
  /** Peak level; 1 is full scale. @default 0.3 */
  readonly level?: number | undefined
}

/** Says a text piece by piece. */
export type Speak = (text: string, options: VoiceOptions) => Iterable<Samples>

/** What the fake host says for a text: a tone for each character, its pitch told by the character; always the same. */
export function voiceOf(text: string, { rate, level = 0.3 }: VoiceOptions): Float32Array {
  const characters = [...text]
  const lengths = characters.map((character) => Math.round(secondsOf(character) * rate))
  const samples = new Float32Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const [i, character] of characters.entries()) {
    const length = lengths[i]!
    const turn = (2 * Math.PI * (120 + (character.codePointAt(0)! % 300))) / rate
    for (let n = 0; n < length; n++) {
      const fade = Math.min(1, n / 100, (length - 1 - n) / 100)
      samples[at + n] = level * fade * Math.sin(turn * n)
    }
    at += length
  }
  return samples
}

/** As a listener should get them: clamped at full scale. */
export const clamped = (samples: Float32Array): Samples =>
  Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.trunc(sample * 32_768))))

/** As CosyVoice's server casts them: what passes full scale comes out at the other end. */
export const wrapped = (samples: Float32Array): Samples =>
  Int16Array.from(samples, (sample) => Math.trunc(sample * 32_768))

/** The samples that a listener should hear for a text spoken whole. */
export const heardOf = (text: string, options: VoiceOptions): Samples => clamped(voiceOf(text, options))

export const bytesOf = ({ buffer, byteOffset, byteLength }: Samples): Bytes =>
  new Uint8Array(buffer, byteOffset, byteLength)
