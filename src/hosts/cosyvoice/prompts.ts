import { SpeechError } from '../../errors.ts'
import type { Bytes } from '../../speech.ts'
import type { CosyvoiceVoice } from './config.ts'
import { promptWav } from './prompt-wav.ts'

export type ReadFile = (path: string) => Promise<Bytes>

export interface CosyvoicePrompts<T> {
  /** Resolves once all are read; rejects with a `SpeechError` that names host, voice and file of one that cannot be used. */
  readonly ready: Promise<void>
  /** The voice's recording; `undefined` when it has none. */
  of(voice: CosyvoiceVoice): Promise<T> | undefined
}

export interface CosyvoicePromptsOptions<T> {
  /** The host's id. */
  readonly id: string
  readonly readFile: ReadFile
  /** Makes what is sent of a file that is fit to be a prompt. */
  readonly encode: (wav: Bytes) => T
}

/** Reads the voices' recordings, each once. */
export function cosyvoicePrompts<T>(
  voices: readonly CosyvoiceVoice[],
  options: CosyvoicePromptsOptions<T>,
): CosyvoicePrompts<T> {
  const recorded = voices.filter(({ promptWav }) => promptWav !== undefined)
  const prompts = new Map(recorded.map((voice) => [voice.id, promptOf(voice, options)]))
  const ready = Promise.all(prompts.values()).then(() => {})
  ready.catch(() => {}) // for whoever asks
  return { ready, of: ({ id }) => prompts.get(id) }
}

async function promptOf<T>(
  voice: CosyvoiceVoice,
  { id, readFile, encode }: CosyvoicePromptsOptions<T>,
): Promise<T> {
  const path = voice.promptWav ?? ''
  try {
    return encode(promptWav(await readFile(path)))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SpeechError(`Host "${id}" cannot use promptWav ${path} of voice "${voice.id}": ${why}`, {
      code: 'unavailable',
      source: 'proxy',
      cause,
    })
  }
}
