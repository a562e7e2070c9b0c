import { Buffer } from 'node:buffer'
import type { Bytes } from '../../speech.ts'
import { badReply } from '../remote/bad-reply.ts'

export interface Part {
  /** Its content type as it is written; empty when it has none. */
  readonly type: string
  readonly bytes: Bytes
}

/**
 * Takes a whole multipart body apart; what stands before the first part and behind the last is passed over. Throws a
 * retryable error when it does not come to its closing boundary.
 */
export function multipart(body: Bytes, boundary: string): Part[] {
  if (boundary === '') throw badReply('sent parts and no boundary between them', { retryable: false })
  const parts: Part[] = []
  let next: number | undefined
  for (const line of boundaryLines(body, `--${boundary}`)) {
    if (next !== undefined) parts.push(partOf(body.subarray(next, Math.max(next, line.from))))
    if (line.isLast) return parts
    next = line.to
  }
  throw badReply('sent parts that are cut: the closing boundary is missing')
}

interface BoundaryLine {
  /** Where it begins; the line break before it belongs to it. */
  readonly from: number
  /** Where what follows it begins. */
  readonly to: number
  readonly isLast: boolean
}

const LF = 10
const CR = 13

function* boundaryLines({ buffer, byteOffset, byteLength }: Bytes, line: string): Generator<BoundaryLine> {
  const whole = Buffer.from(buffer, byteOffset, byteLength)
  for (let at = whole.indexOf(line); at >= 0; at = whole.indexOf(line, at + 1)) {
    if (at > 0 && whole[at - 1] !== LF) continue
    const end = at + line.length
    const tail = /^(--)|^[ \t]*\r?\n/.exec(whole.toString('latin1', end, end + 100))
    if (!tail) continue
    const lineBreak = at === 0 ? 0 : whole[at - 2] === CR ? 2 : 1
    yield { from: at - lineBreak, to: end + tail[0].length, isLast: tail[1] !== undefined }
  }
}

/** No host writes more headers to a part. */
const MOST_HEADERS = 16_384

function partOf(bytes: Bytes): Part {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', 0, MOST_HEADERS)
  const blank = /^\r?\n|\r?\n\r?\n/.exec(text)
  if (!blank) throw badReply('sent a part without an end to its headers')
  const headers = text.slice(0, blank.index)
  const type = /^content-type:(.*)$/im.exec(headers)?.[1] ?? ''
  return { type: type.trim(), bytes: bytes.slice(blank.index + blank[0].length) }
}
