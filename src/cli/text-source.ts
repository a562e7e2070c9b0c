import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { streamFrom } from '../stream-from.ts'
import { Failure, type Shell, UsageError } from './shell.ts'
import { utf8 } from './utf8.ts'

export interface TextOptions {
  /** The text itself, in as many pieces as the user's shell made of it. */
  readonly words: readonly string[]
  /** A file to read instead; `-` is what is piped in. */
  readonly file?: string | undefined
}

export interface TextSource {
  readonly text: string | ReadableStream<string>
  /** Whether the text is still being written; its parts come when they come. */
  readonly live: boolean
}

/**
 * Finds the text that a command was given: as words, in a file, or piped in, which is then read as it is
 * written. Throws a `UsageError` when there is none.
 */
export async function textSource({ words, file }: TextOptions, shell: Shell): Promise<TextSource> {
  if (words.length > 0 && file !== undefined) throw new UsageError('Give the text or --file, not both')
  if (words.length > 0) return { text: words.join(' '), live: false }
  if (file !== undefined && file !== '-') return fromFile(resolve(shell.cwd, file), file)
  if (file === undefined && shell.stdin.isTTY) {
    throw new UsageError('There is no text: give it in quotes, with --file, or pipe it in')
  }
  return { text: streamFrom(utf8(shell.stdin, 'Standard input')), live: true }
}

/** Gives a text in one piece. */
export async function wholeText({ text }: Pick<TextSource, 'text'>): Promise<string> {
  if (typeof text === 'string') return text
  const parts: string[] = []
  for await (const part of text) parts.push(part)
  return parts.join('')
}

/** The same text; `onFirst` is called once, when the first of it that is more than white space has come. */
export function tellFirst(text: ReadableStream<string>, onFirst: () => void): ReadableStream<string> {
  let hasCome = false
  const tell = new TransformStream<string, string>({
    transform(part, controller) {
      if (!hasCome && /\S/.test(part)) {
        hasCome = true
        onFirst()
      }
      controller.enqueue(part)
    },
  })
  return text.pipeThrough(tell)
}

/** A named pipe is text that is still being written; any other file is there. */
async function fromFile(path: string, name: string): Promise<TextSource> {
  const found = await stat(path).catch((thrown: NodeJS.ErrnoException) => {
    throw new Failure(
      thrown.code === 'ENOENT' ? `There is no file ${name}` : `Cannot read ${name}: ${thrown.code}`,
    )
  })
  if (found.isDirectory()) throw new Failure(`${name} is a folder; give a text file`)
  return { text: streamFrom(utf8(createReadStream(path), name)), live: !found.isFile() }
}
