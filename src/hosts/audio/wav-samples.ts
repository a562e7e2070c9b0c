import type { Samples } from '../../speech.ts'

/** Reads one sample as a 16-bit value. */
export type Read = (view: DataView, at: number) => number

/** The format's number; the one inside where the file uses the extensible form. */
export function kindOf(format: DataView): number {
  const kind = format.getUint16(0, true)
  return kind === 0xfffe && format.byteLength >= 26 ? format.getUint16(24, true) : kind
}

/** Gives what reads one sample as a 16-bit value. */
export function readerOf(kind: number, bits: number): Read | undefined {
  if (kind === 3 && bits === 32) return (view, at) => view.getFloat32(at, true) * 32_768
  if (kind !== 1) return undefined
  if (bits === 16) return (view, at) => view.getInt16(at, true)
  if (bits === 24) return (view, at) => view.getInt16(at + 1, true) + view.getUint8(at) / 256
  if (bits === 32) return (view, at) => view.getInt32(at, true) / 65_536
  return undefined
}

export interface Layout {
  readonly channels: number
  /** Bytes of one sample of one channel. */
  readonly size: number
  readonly read: Read
}

/** Gives whole moments as 16-bit samples, channels mixed to one. */
export function mixed(data: DataView, { channels, size, read }: Layout): Samples {
  const frame = channels * size
  return Int16Array.from({ length: Math.floor(data.byteLength / frame) }, (_, i) => {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) sum += read(data, i * frame + channel * size)
    return Math.max(-32_768, Math.min(32_767, Math.round(sum / channels)))
  })
}
