import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import process from 'node:process'
import { FORMATS } from '../pcm/encode.ts'
import type { WholeHead, WholeLength } from '../pcm/formats/whole-head.ts'
import type { Bytes, Format } from '../speech.ts'
import { Failure, type Output, UsageError } from './shell.ts'

/** Where audio goes. */
export interface SoundFile extends AsyncDisposable {
  write(bytes: Bytes): Promise<void>
  /** Makes the sound whole, which has so many samples. Disposing without it leaves no file behind. */
  finish(samples: number): Promise<void>
}

export interface SoundFileOptions {
  readonly format: Format
  /** Samples a second. */
  readonly rate: number
  /** What a relative path is relative to. */
  readonly cwd: string
}

/**
 * Opens `path` for one sound. It appears under its name only once it is finished, in the place of what was
 * there; until then it is `<name>.<process>.part` beside it. Pipes and devices are written to as they are.
 */
export async function openSoundFile(path: string, options: SoundFileOptions): Promise<SoundFile> {
  const named = resolve(options.cwd, path)
  const found = await stat(named).catch(() => undefined)
  if (found?.isDirectory()) throw new Failure(`${path} is a folder; give a file such as ${path}/hello.wav`)
  const special = found !== undefined && !found.isFile()
  const target = special ? named : await realpath(named).catch(() => named) // that of /dev/stdout may be pipe:[1]
  const part = special ? target : `${target}.${process.pid}.part`
  const failed = (thrown: NodeJS.ErrnoException) => {
    throw new Failure(
      thrown.code === 'ENOENT' ? `There is no folder for ${path}` : `Cannot write ${path}: ${thrown.code}`,
      { cause: thrown },
    )
  }
  const handle = await open(part, special ? 'w' : 'wx+').catch(failed)
  if (!special && found) await handle.chmod(found.mode).catch(() => {}) // where the file system has no modes
  const { write, finish, ...rest } = special ? stream(handle) : file(handle, { part, target, ...options })
  return {
    ...rest,
    write: (bytes) => write(bytes).catch(failed),
    finish: (samples) => finish(samples).catch(failed),
  }
}

/** Audio into a pipe; a terminal is refused. Its end is where it ends: only the exit code tells a failure. */
export function soundPipe(stdout: Output): SoundFile {
  if (stdout.isTTY) throw new UsageError('Audio is not for a terminal: pipe it on, or give -o a file name')
  return {
    write: (bytes) => stdout.write(bytes),
    finish: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

const stream = (handle: FileHandle): SoundFile => ({
  write: (bytes) => writeAll(handle, bytes),
  finish: () => handle.close(),
  [Symbol.asyncDispose]: () => handle.close(),
})

interface FileOptions extends SoundFileOptions {
  readonly part: string
  readonly target: string
}

function file(handle: FileHandle, { part, target, format, rate }: FileOptions): SoundFile {
  const { wholeHead } = FORMATS[format]
  let finished = false
  return {
    write: (bytes) => writeAll(handle, bytes),
    async finish(samples) {
      if (wholeHead) await rewriteHead(handle, wholeHead, { rate, samples })
      await handle.close()
      await rename(part, target)
      finished = true
    },
    async [Symbol.asyncDispose]() {
      if (finished) return
      await handle.close().catch(() => {}) // may be closed already
      await rm(part, { force: true })
    },
  }
}

/** The head was written before anybody knew how long the sound would be. */
async function rewriteHead(
  handle: FileHandle,
  { size, of }: WholeHead,
  length: Omit<WholeLength, 'bytes'>,
): Promise<void> {
  const { size: bytes } = await handle.stat()
  const { buffer, bytesRead } = await handle.read(new Uint8Array(size), 0, size, 0)
  if (bytesRead === size) await handle.write(of(buffer, { ...length, bytes }), 0, size, 0)
}

async function writeAll(handle: FileHandle, bytes: Bytes): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, null)
    at += bytesWritten
  }
}
