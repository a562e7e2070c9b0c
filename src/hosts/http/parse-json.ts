import type { Bytes } from '../../speech.ts'
import { badReply } from '../remote/bad-reply.ts'

/** Reads JSON of a host; throws a retryable error when it is none. */
export function parseJson(json: Bytes | string): unknown {
  try {
    return JSON.parse(typeof json === 'string' ? json : new TextDecoder().decode(json))
  } catch (cause) {
    throw badReply('sent JSON that cannot be read', { cause })
  }
}
