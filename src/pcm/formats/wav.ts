import type { Bytes, Encoder, Samples } from '../../speech.ts'
import { joinBytes } from '../join-bytes.ts'
import { Raw } from './raw.ts'
import type { WholeHead } from './whole-head.ts'

/** What a header says of a stream whose length nobody knows yet. */
const UNKNOWN = 0xffffffff

export interface WavHeaderOptions {
  /** Samples a second. */
  readonly rate: number
  /** How many samples follow; unknown, as in a stream, when absent. */
  readonly samples?: number | undefined
}

/** Gives the 44 bytes before 16-bit mono samples; without a count both sizes are 0xFFFFFFFF, as OpenAI's are. */
export function wavHeader({ rate, samples }: WavHeaderOptions): Bytes {
  const size = samples === undefined ? undefined : samples * 2
  const header = new DataView(new ArrayBuffer(44))
  const text = (at: number, name: string) => {
    for (const [i, letter] of [...name].entries()) header.setUint8(at + i, letter.charCodeAt(0))
  }
  text(0, 'RIFF')
  header.setUint32(4, size === undefined ? UNKNOWN : size + 36, true)
  text(8, 'WAVEfmt ')
  header.setUint32(16, 16, true) // bytes of the format that follows
  header.setUint16(20, 1, true) // plain samples
  header.setUint16(22, 1, true) // channels
  header.setUint32(24, rate, true)
  header.setUint32(28, rate * 2, true)
  header.setUint16(32, 2, true)
  header.setUint16(34, 16, true)
  text(36, 'data')
  header.setUint32(40, size ?? UNKNOWN, true)
  return new Uint8Array(header.buffer)
}

/** A RIFF chunk counts its bytes in 32 bits: a longer sound keeps the head that says "to the end". */
const MOST_SAMPLES = (0xffff_ffff - 36) / 2

/** The head of a WAV whose samples are counted. */
export const wholeWavHead: WholeHead = {
  size: 44,
  of: (head, { rate, samples }) => (samples > MOST_SAMPLES ? head : wavHeader({ rate, samples })),
}

/** Gives a WAV stream: a header of unknown length with the first push, then samples, and nothing after them. */
export const wav = ({ rate }: { readonly rate: number }): Encoder => new Wav(rate)

class Wav extends Raw {
  #header = wavHeader({ rate: this.rate })

  override push(samples: Samples): Bytes {
    return this.#behindHeader(super.push(samples))
  }

  override end(): Bytes {
    return this.#behindHeader(super.end())
  }

  #behindHeader(bytes: Bytes): Bytes {
    if (this.#header.length === 0) return bytes
    const whole = joinBytes([this.#header, bytes])
    this.#header = new Uint8Array(0)
    return whole
  }
}
