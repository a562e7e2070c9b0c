import { joinBytes } from '../pcm/join-bytes.ts'
import type { Bytes } from '../speech.ts'
import { Failure } from './shell.ts'

/** Most bytes of a character that the end of a chunk may hold. */
const MOST_PENDING = 3

/**
 * Reads text as it comes, characters whole. Throws a `Failure` that says where the first byte stands that cannot be
 * UTF-8; `name` tells of what.
 */
export async function* utf8(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [bytes, line] = [0, 1]
  let before: Bytes = new Uint8Array()
  const failure = (chunk: Uint8Array = new Uint8Array()) => {
    const { length, lines } = soundStart(before, chunk)
    return notUtf8(name, { byte: bytes + length + 1, line: line + lines })
  }
  for await (const chunk of chunks) {
    const text = decode(decoder, chunk)
    if (text === undefined) throw failure(chunk)
    bytes += chunk.length
    line += newlines(text)
    before = joinBytes([before, chunk.slice()]).slice(-MOST_PENDING)
    yield text
  }
  const rest = decode(decoder)
  if (rest === undefined) throw failure()
  yield rest
}

/** Undefined where it cannot be UTF-8; a character may still be unfinished at the end of a chunk. */
function decode(decoder: TextDecoder, chunk?: Uint8Array): string | undefined {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
  } catch {
    return undefined
  }
}

const begin = (bytes: Uint8Array): string | undefined =>
  decode(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }), bytes)

/** How much of `chunk` is sound after the bytes `before` it (less than nothing where these are not), and how many lines end in that. */
function soundStart(before: Bytes, chunk: Uint8Array): { length: number; lines: number } {
  let start = 0
  while (begin(before.subarray(start)) === undefined) start++ // those of a character that began earlier still
  const pending = before.subarray(start)
  const bytes = joinBytes([pending, chunk.slice()])
  let [sound, faulty] = [pending.length, bytes.length]
  while (faulty - sound > 1) {
    const middle = (sound + faulty) >> 1
    if (begin(bytes.subarray(0, middle)) === undefined) faulty = middle
    else sound = middle
  }
  const text = begin(bytes.subarray(0, sound)) ?? ''
  const lines = newlines(text) - newlines(begin(pending) ?? '')
  return { length: new TextEncoder().encode(text).length - pending.length, lines } // but for a character that is begun
}

function newlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}

const notUtf8 = (name: string, { byte, line }: { readonly byte: number; readonly line: number }) =>
  new Failure(
    `${name} is not UTF-8 at byte ${byte}, in line ${line}; convert it first, such as with iconv -f gb18030 -t utf-8`,
  )
