import type { Bytes } from '../../speech.ts'
import type { WholeHead } from './whole-head.ts'

/** What the versions of MPEG layer III differ in, for mono; a frame has `factor × kbit/s ÷ rate` bytes. */
const VERSIONS = [
  { rates: [44_100, 48_000, 32_000], sync: 0xfb, bitrate: 96, bitrateIndex: 7, factor: 144_000, side: 17 },
  { rates: [22_050, 24_000, 16_000], sync: 0xf3, bitrate: 64, bitrateIndex: 8, factor: 72_000, side: 9 },
  { rates: [11_025, 12_000, 8000], sync: 0xe3, bitrate: 32, bitrateIndex: 4, factor: 72_000, side: 9 },
] as const

export type Mp3Rate = (typeof VERSIONS)[number]['rates'][number]

/** The nine rates of MPEG 1, 2 and 2.5 layer III. */
export const MP3_RATES: readonly Mp3Rate[] = VERSIONS.flatMap(({ rates }) => rates).sort((a, b) => a - b)

/** Samples that LAME puts before the audio; decoders add 529 of their own to it. */
const ENCODER_DELAY = 576
/** What the frame has: a count of frames, a size in bytes. */
const [COUNT, SIZE] = [1, 2]
const UNKNOWN = 0xffffffff
/** 12 bits. */
const MOST_PADDING = 4095

const versionOf = (rate: Mp3Rate) => VERSIONS.find(({ rates }) => rates.some((known) => known === rate))!

/** Gives the bitrate that a voice gets, in kbit/s. */
export const mp3Bitrate = (rate: Mp3Rate): 32 | 64 | 96 => versionOf(rate).bitrate

/** What a sound that has ended is known to have. */
export interface Mp3Length {
  readonly samples: number
  /** Of the file, this frame included. */
  readonly bytes: number
}

/**
 * Gives a frame of silence that tells players how much silence the encoder adds at the front, so that they skip
 * it: 46 ms at 24000. With the sound's length it tells of the end too, and the sound is as long as what went in; without,
 * it claims the largest size and no frame count, so that none stops early. ffmpeg and Chromium heed it; to a player that
 * does not, it is 24 ms of silence.
 */
export function infoFrame(rate: Mp3Rate, length?: Mp3Length): Bytes {
  const { rates, sync, bitrate, bitrateIndex, factor, side } = versionOf(rate)
  const perFrame = (factor * bitrate) / rate
  const frame: Bytes = new Uint8Array(Math.floor(perFrame))
  const fields = new DataView(frame.buffer)
  const rateIndex = (rates as readonly number[]).indexOf(rate)
  frame.set([0xff, sync, (bitrateIndex << 4) | (rateIndex << 2), 0xc0])
  const info = 4 + side
  frame.set(new TextEncoder().encode('Info'), info)
  fields.setUint32(info + 4, length ? COUNT | SIZE : SIZE) // without a size ffmpeg does not believe the frame
  const frames = length && Math.round((length.bytes - frame.length) / perFrame)
  if (frames) fields.setUint32(info + 8, frames)
  const lame = info + (length ? 16 : 12)
  fields.setUint32(lame - 4, Math.min(length?.bytes ?? UNKNOWN, UNKNOWN))
  frame.set(new TextEncoder().encode('LAME3.100'), lame)
  frame[lame + 9] = 1 // constant bitrate
  frame[lame + 20] = bitrate
  const padding = length && frames ? frames * (factor / 125) - ENCODER_DELAY - length.samples : 0
  const known = Math.min(Math.max(padding, 0), MOST_PADDING)
  frame.set([ENCODER_DELAY >> 4, ((ENCODER_DELAY & 15) << 4) | (known >> 8), known & 255], lame + 21)
  fields.setUint16(lame + 34, crc16(frame.subarray(0, lame + 34)))
  return frame
}

/** The head of an MP3 whose length is known. */
export const wholeMp3Head: WholeHead = {
  size: 432, // of the largest frame
  of(head, { rate, ...length }) {
    const whole = head.slice()
    whole.set(infoFrame(rate as Mp3Rate, length))
    return whole
  },
}

/** CRC-16 with the reflected polynomial 0xA001, as LAME has it. */
function crc16(bytes: Bytes): number {
  let value = 0
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = (value >> 1) ^ (value & 1 ? 0xa001 : 0)
  }
  return value
}
