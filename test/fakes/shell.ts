import type { Shell } from '../../src/cli/shell.ts'
import { createServices } from '../../src/services.ts'
import type { Host } from '../../src/speech.ts'

export interface FakeShell extends Shell {
  /** What was written to standard output, as text. */
  readonly out: () => string
  readonly err: () => string
  /** The pieces that were written to standard output. */
  readonly written: readonly Uint8Array[]
  /** Ctrl-C. */
  readonly interrupt: (signal?: string) => void
}

export interface FakeShellOptions extends Partial<Pick<Shell, 'env' | 'cwd' | 'listen' | 'fetch'>> {
  /** What is piped in; a terminal without it. */
  readonly stdin?: Iterable<string> | AsyncIterable<string>
  /** Stand in for the configured ones. */
  readonly hosts?: readonly Host[]
  /** Is told of each write to standard output, and may fail it. */
  readonly onWrite?: (text: string) => void
}

/** A shell without a process: text in, text out. */
export function shellOf(options: FakeShellOptions = {}): FakeShell {
  const { stdin, hosts, env = {}, cwd = '/nowhere', onWrite = () => {} } = options
  const stop = new AbortController()
  const written: Uint8Array[] = []
  let err = ''
  const text = () => new TextDecoder().decode(Buffer.concat(written))
  return {
    stdin: { isTTY: stdin === undefined, [Symbol.asyncIterator]: () => encode(stdin ?? []) },
    stdout: {
      isTTY: false,
      async write(data) {
        const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data.slice()
        onWrite(new TextDecoder().decode(bytes))
        written.push(bytes)
      },
    },
    stderr: {
      isTTY: false,
      async write(data) {
        err += data
      },
    },
    env,
    cwd,
    signal: stop.signal,
    createServices: (config, services) => createServices(config, { hosts, ...services }),
    listen: options.listen ?? (() => Promise.reject(new Error('Cannot listen: this shell is a fake'))),
    fetch: options.fetch ?? (() => Promise.reject(new Error('Cannot fetch: this shell is a fake'))),
    out: text,
    err: () => err,
    written,
    interrupt: (signal = 'SIGINT') => stop.abort(new DOMException(signal, 'AbortError')),
  }
}

async function* encode(parts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const part of parts) yield new TextEncoder().encode(part)
}
