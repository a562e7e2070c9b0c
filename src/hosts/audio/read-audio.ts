import { joinSamples } from '../../pcm/join-samples.ts'
import type { Bytes, Samples } from '../../speech.ts'
import { badReply } from '../remote/bad-reply.ts'
import { AudioBytes, type AudioBytesOptions } from './audio-bytes.ts'

export interface WholeAudio {
  /** Samples a second. */
  readonly rate: number
  /** At least one. */
  readonly samples: Samples
}

/** Reads whole audio, WAV or raw samples; throws what is wrong with it. */
export function readAudio(bytes: Bytes, options: AudioBytesOptions): WholeAudio {
  const reader = new AudioBytes(options)
  const samples = joinSamples(reader.push(bytes), reader.end())
  if (samples.length === 0) throw badReply('sent no audio')
  return { rate: reader.rate, samples }
}
