import type { Env } from '../config/env.ts'
import type { listen } from '../run/listen.ts'
import type { createServices } from '../services.ts'

/** What a command reads. */
export interface Input extends AsyncIterable<Uint8Array> {
  /** True when somebody would have to type. */
  readonly isTTY: boolean
}

/** What a command writes to. */
export interface Output {
  readonly isTTY: boolean
  /** Resolves when more may be written; rejects with `EPIPE` when the reader is gone. */
  write(data: string | Uint8Array): Promise<void>
  /** The terminal itself, for what redraws its line. */
  readonly terminal?: NodeJS.WriteStream | undefined
}

/** All that a command touches outside itself. */
export interface Shell {
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Env
  /** The folder that the command was started in. */
  readonly cwd: string
  /** Aborts on Ctrl-C and on the order to end. */
  readonly signal: AbortSignal
  readonly createServices: typeof createServices
  readonly listen: typeof listen
  readonly fetch: (url: string, init: { readonly signal: AbortSignal }) => Promise<Response>
}

/** Writes one line. */
export const print = (output: Output, line = ''): Promise<void> => output.write(`${line}\n`)

/** The command cannot do what it was asked: said to the user in one line, exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure'
}

/** The command was asked in a way that it does not know: said with where to look it up, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
