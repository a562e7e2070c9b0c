import { SpeechError } from '../../errors.ts'
import type { Bytes } from '../../speech.ts'
import type { CosyvoiceHttpConfig } from '../cosyvoice-http-config.ts'
import type { CosyvoiceVoice } from './config.ts'
import { promptWav } from './prompt-wav.ts'

export type ReadFile = (path: string) => Promise<Bytes>

/**
 * Reads the voices' recordings, each once, by voice. One that cannot be used rejects with a `SpeechError` that names
 * host, voice and file.
 */
export const cosyvoicePrompts = (
  { id, voices }: CosyvoiceHttpConfig,
  readFile: ReadFile,
): ReadonlyMap<string, Promise<File>> =>
  new Map(
    voices.flatMap((voice) => (voice.promptWav ? [[voice.id, readPrompt(voice, { id, readFile })]] : [])),
  )

export async function readPrompt(
  voice: CosyvoiceVoice,
  { id, readFile }: { id: string; readFile: ReadFile },
): Promise<File> {
  const path = voice.promptWav ?? ''
  try {
    return new File([promptWav(await readFile(path))], 'prompt.wav', { type: 'audio/wav' })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SpeechError(`Host "${id}" cannot use promptWav ${path} of voice "${voice.id}": ${why}`, {
      code: 'unavailable',
      source: 'proxy',
      cause,
    })
  }
}
