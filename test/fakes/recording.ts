import { wavHeader } from '../../src/pcm/formats/wav.ts'
import type { Bytes, Samples } from '../../src/speech.ts'
import { bytesOf, heardOf } from './cosyvoice-voice.ts'

/** A WAV file of 16-bit mono samples. */
export const wavOf = (samples: Samples, rate: number): Bytes => {
  const header = wavHeader({ rate, samples: samples.length })
  return new Uint8Array([...header, ...bytesOf(samples)])
}

/** A voice's recording, about two seconds long, as a config's `promptWav` names it. */
export const recordingOf = (rate = 16_000): Bytes =>
  wavOf(heardOf('This is how I sound, you see.', { rate }), rate)
