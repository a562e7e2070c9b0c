import type { Bytes } from '../../speech.ts'
import { badReply } from '../remote/bad-reply.ts'
import type { Cursor, Reading } from './cursor.ts'
import { type WavFormat, wavFormat } from './wav-format.ts'

/** `RIFF`, four bytes of a size, `WAVE`. */
const HEAD = [0x52, 0x49, 0x46, 0x46, -1, -1, -1, -1, 0x57, 0x41, 0x56, 0x45] as const

/** How long `RIFF….WAVE` is. */
export const RIFF_HEAD = HEAD.length

/** Where a WAV begins inside bytes, or may begin at their end; `undefined` when nowhere. */
export function riffAt(bytes: Bytes): number | undefined {
  for (let at = bytes.indexOf(HEAD[0]); at >= 0; at = bytes.indexOf(HEAD[0], at + 1)) {
    if ((bytes[at + 1] ?? HEAD[1]) !== HEAD[1]) continue // as a rule: each piece of audio has some such bytes
    if (HEAD.every((byte, i) => byte < 0 || (bytes[at + i] ?? byte) === byte)) return at
  }
  return undefined
}

/** Sizes from here on, and none, are what a writer puts that does not know yet: at 24 kHz it is an hour and a half. */
const OPEN = 0x0fffffff
const LONGEST_FORMAT = 1_024

export interface WavData {
  readonly format: WavFormat
  /** Bytes of the data that follows; `Infinity` when its writer did not know. */
  readonly size: number
}

/** Reads a WAV as far as its data, passing over other chunks. */
export function* wavHead(cursor: Cursor): Reading<WavData> {
  const head = yield* cursor.read(RIFF_HEAD)
  if (!nameAt(head, 8).startsWith('WAVE')) throw badReply('sent a RIFF file that is no WAV', REFUSED)
  for (let format: WavFormat | undefined; ; ) {
    const chunk = yield* cursor.read(8)
    const name = nameAt(chunk, 0)
    const size = new DataView(chunk.buffer, chunk.byteOffset).getUint32(4, true)
    if (name === 'data' && format) return { format, size: size === 0 || size >= OPEN ? Infinity : size }
    if (name === 'data') throw badReply('sent a WAV without a format', REFUSED)
    if (size >= (name === 'fmt ' ? LONGEST_FORMAT : OPEN)) throw badReply('sent a WAV without data', REFUSED)
    if (name !== 'fmt ') yield* cursor.skip(size + (size % 2))
    else {
      const { buffer, byteOffset } = yield* cursor.read(size)
      format = wavFormat(new DataView(buffer, byteOffset, size))
    }
  }
}

/** Reads on behind a WAV's data, over chunks that are no sound, to the next file or the end. */
export function* wavTail(cursor: Cursor): Reading<void> {
  for (let passed = 0; yield* cursor.has(4); passed += cursor.take(1).length) {
    if (nameAt(cursor.held, 0) === 'RIFF') return
    if (passed > MOST_BEHIND)
      throw badReply('sent a WAV with audio behind its data, against its own size', REFUSED)
  }
  cursor.take(3)
}

/** Titles, cue points and what a writer spills as it closes take no more. */
const MOST_BEHIND = 8_192

const REFUSED = { retryable: false }

const nameAt = (bytes: Bytes, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4))
