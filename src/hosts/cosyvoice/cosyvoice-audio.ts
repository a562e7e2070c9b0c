import { joinSamples } from '../../pcm/join-samples.ts'
import { AudioBytes } from '../audio/audio-bytes.ts'
import type { Decoder } from '../remote/reply-audio.ts'
import { unwrap } from './unwrap.ts'

/**
 * Reads what CosyVoice's servers and their forks send: samples, at `rate` a second, or a WAV that tells its own; wrapped
 * samples are repaired.
 */
export function cosyvoiceAudio(rate: number): Decoder {
  const audio = new AudioBytes({ claim: 'audio/pcm', rate }) // whatever a fork calls it
  const wraps = unwrap()
  return {
    get rate() {
      return audio.rate
    },
    push: (bytes) => wraps.push(audio.push(bytes)),
    end: () => joinSamples(wraps.push(audio.end()), wraps.end()),
  }
}
