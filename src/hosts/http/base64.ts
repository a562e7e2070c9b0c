import type { Bytes } from '../../speech.ts'
import { badReply } from '../remote/bad-reply.ts'

const DATA_URL = /^data:[^,]{0,200};base64,/

/** Reads base64 in either alphabet, padded or not, as a data URL too; throws a retryable error when it is none. */
export function fromBase64(text: string): Bytes {
  const digits = text.replace(DATA_URL, '')
  try {
    return Uint8Array.fromBase64(digits, { alphabet: /[-_]/.test(digits) ? 'base64url' : 'base64' })
  } catch (cause) {
    throw badReply('sent audio that should be base64 and is not', { cause })
  }
}
