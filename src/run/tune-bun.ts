import process from 'node:process'

/** What Bun reads only as it starts, as a proxy needs it. */
export const BUN_SETTINGS = {
  /** Requests to all hosts at once: Bun lets 256 through and has the rest wait, without end if need be. This is its most. */
  BUN_CONFIG_MAX_HTTP_REQUESTS: '65535',
  /** The heap grows to 1.6 times what is live before it is collected, not to 4: less memory a stream. */
  BUN_JSC_heapGrowthMaxIncrease: '0.6',
  /** Freed memory is kept for so many milliseconds, not 10: what one collection frees is needed again before the next. */
  MIMALLOC_PURGE_DELAY: '200',
}

export interface TuneBunDeps {
  readonly isBun?: boolean
  /** @default node:process, whose types lack `execve` */
  readonly program?: Program
}

/** What is used of a process. */
export interface Program {
  readonly argv: readonly string[]
  readonly execArgv: readonly string[]
  readonly execPath: string
  readonly env: Readonly<Record<string, string | undefined>>
  execve(path: string, argv: readonly string[], env: Record<string, string>): void
}

/**
 * Sees to it that Bun runs with {@link BUN_SETTINGS}, but for those that somebody has set: it is started anew in its
 * place, as the same process (Bun 1.4.5, compiled too). Elsewhere, and where it may not, it does nothing.
 */
export function tuneBun({
  isBun = 'Bun' in globalThis,
  program = process as unknown as Program,
}: TuneBunDeps = {}): void {
  const { argv, execArgv, execPath, env } = program
  if (!isBun || Object.keys(BUN_SETTINGS).every((name) => name in env)) return
  const [, script = '', ...words] = argv
  const before = isCompiled(script) ? [] : [...execArgv, script]
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  try {
    program.execve(execPath, [execPath, ...before, ...words], { ...BUN_SETTINGS, ...Object.fromEntries(set) })
  } catch {} // such as a system that forbids it: Bun serves as it is, fewer at once
}

/** In a compiled program the script lies in a file system of its own. */
const isCompiled = (script: string): boolean => /^(\/\$bunfs|[A-Z]:\\~BUN)/.test(script)
