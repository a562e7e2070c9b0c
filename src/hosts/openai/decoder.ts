import { AudioBytes } from '../audio/audio-bytes.ts'
import { contentType, numberWithin } from '../http/content-type.ts'
import type { SaidBy } from '../http/said-error.ts'
import { notAudio } from '../remote/failure.ts'
import type { Decoder } from '../remote/reply-audio.ts'
import { JsonReply } from './json-reply.ts'
import { SseReply } from './sse-reply.ts'

export interface DecoderOptions extends SaidBy {
  /** Samples a second of raw audio that does not say. */
  readonly sampleRate: number
}

/** Gives what reads a reply, told by its headers and not by what was asked for; throws when it cannot be audio. */
export function decoderOf(headers: Headers, { host, conceal, sampleRate }: DecoderOptions): Decoder {
  const { type, parameters } = contentType(headers.get('content-type'))
  const said = parameters.get('rate') ?? headers.get('x-sample-rate') ?? headers.get('x-audio-sample-rate')
  const rate = numberWithin(said, 4_000, 192_000) ?? sampleRate
  const channels = numberWithin(parameters.get('channels') ?? headers.get('x-channels'), 1, 8)
  if (type === 'text/event-stream') return new SseReply({ host, conceal, rate })
  if (/^application\/(.*\+)?json$/.test(type)) return new JsonReply({ host, conceal, rate })
  if (/^(audio\/.*|(application|binary)\/octet-stream)?$/.test(type)) {
    return new AudioBytes({ claim: type, rate, channels })
  }
  throw notAudio({ host }, type)
}
