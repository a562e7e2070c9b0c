import type { Bytes } from '../../speech.ts'
import type { Claim } from '../audio/sniff.ts'
import { fromBase64 } from './base64.ts'
import { numberWithin } from './content-type.ts'

/** Audio that was found in JSON. */
export interface JsonAudio {
  readonly bytes: Bytes
  readonly claim: Claim
  /** Samples a second, where the JSON says. */
  readonly rate: number | undefined
}

const FIELDS = ['audio', 'delta', 'audio_base64', 'audioContent', 'b64_json', 'wav', 'pcm', 'data'] as const
const FORMATS: Readonly<Record<string, string>> = { wav: 'audio/wav', pcm: 'audio/pcm' }

/**
 * Finds base64 audio in what hosts write: a string, or an object with it under one of the usual names, at most one
 * object deeper. `undefined` when there is none; throws when what is there is no base64.
 */
export function jsonAudio(json: unknown, depth = 0): JsonAudio | undefined {
  if (typeof json === 'string') return { bytes: fromBase64(json), claim: '', rate: undefined }
  if (typeof json !== 'object' || json === null || depth > 1) return undefined
  const object = json as Readonly<Record<string, unknown>>
  const found = FIELDS.map((field) => object[field]).find((value) => value !== undefined && value !== null)
  const audio = jsonAudio(found, depth + 1)
  if (!audio) return undefined
  const format = String(object.response_format ?? object.format ?? '').toLowerCase()
  const claim = audio.claim || (format && (FORMATS[format] ?? `audio/${format}`))
  return {
    ...audio,
    claim,
    rate: audio.rate ?? numberWithin(object.sample_rate ?? object.rate, 4_000, 192_000),
  }
}
