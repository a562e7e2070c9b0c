import type { Bytes, Samples } from '../../speech.ts'
import { kindOf, mixed, readerOf } from './wav-samples.ts'

/** A whole recording, its channels mixed to one. */
export interface Wav {
  /** Samples a second. */
  readonly rate: number
  readonly samples: Samples
}

/**
 * Reads a WAV file of 16, 24 or 32-bit integers or 32-bit floats, any number of channels. Sizes that a streaming
 * writer left open end with the file. Throws a `RangeError` that says what it is instead.
 */
export function readWav(file: Bytes): Wav {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (textAt(view, 0) !== 'RIFF' || textAt(view, 8) !== 'WAVE')
    throw wrong('must be a WAV file', nameOf(view))
  const chunks = chunksOf(view)
  const format = chunks.get('fmt ')
  const data = chunks.get('data')
  if (!format || format.byteLength < 16 || !data) throw wrong('must hold a format and data', 'a WAV without')
  const channels = format.getUint16(2, true)
  const rate = format.getUint32(4, true)
  const bits = format.getUint16(14, true)
  const read = readerOf(kindOf(format), bits)
  if (!read || channels === 0 || rate === 0) {
    throw wrong('must hold 16, 24 or 32-bit samples or floats', `format ${kindOf(format)} of ${bits} bits`)
  }
  return { rate, samples: mixed(data, { channels, size: bits / 8, read }) }
}

/** The file's chunks by name; of several with one name the first. */
function chunksOf(view: DataView): Map<string, DataView> {
  const chunks = new Map<string, DataView>()
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const name = textAt(view, at)
    const size = Math.min(view.getUint32(at + 4, true), view.byteLength - at - 8)
    if (!chunks.has(name)) chunks.set(name, new DataView(view.buffer, view.byteOffset + at + 8, size))
    at += 8 + size + (size % 2)
  }
  return chunks
}

const textAt = (view: DataView, at: number): string =>
  at + 4 > view.byteLength ? '' : String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)))

function nameOf(view: DataView): string {
  if (view.byteLength === 0) return 'an empty file'
  const head = textAt(view, 0)
  if (head === 'fLaC') return 'FLAC'
  if (head === 'OggS') return 'Ogg'
  return head.startsWith('ID3') || head.startsWith('ÿû') ? 'MP3' : 'something else'
}

const wrong = (rule: string, value: string) =>
  new RangeError(`Cannot read recording: it ${rule}, current value is ${value}`)
