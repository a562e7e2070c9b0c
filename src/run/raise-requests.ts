import process from 'node:process'

/** What Bun allows at once to all hosts together unless told otherwise; more wait, without end if need be. */
const BUN_REQUESTS = 256
const VARIABLE = 'BUN_CONFIG_MAX_HTTP_REQUESTS'
/** The most that Bun takes. */
const MOST = 65_535
/**
 * For who has so many calls: freed memory is kept for half a second, where Bun's allocator gives it back after 10 ms. What
 * one collection frees is needed again before the next. `MIMALLOC_PURGE_DELAY=10 npm run bench -- paced` is without it.
 */
const FOR_MANY = { MIMALLOC_PURGE_DELAY: '500' }

export interface RaiseRequestsDeps {
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
 * Sees to it that `needed` requests may be with hosts at once. Bun reads how many it allows only as it starts, so it is
 * started anew in its place, as the same process, where that is too few and nobody has set it (tried on Bun 1.4.5,
 * compiled too).
 */
export function raiseRequests(
  needed: number,
  { isBun = 'Bun' in globalThis, program = process as unknown as Program }: RaiseRequestsDeps = {},
): void {
  const { argv, execArgv, execPath, env } = program
  if (!isBun || needed <= BUN_REQUESTS || env[VARIABLE]) return
  const [, script = '', ...words] = argv
  const before = isCompiled(script) ? [] : [...execArgv, script]
  const all = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const raised = { ...FOR_MANY, ...Object.fromEntries(all), [VARIABLE]: `${Math.min(needed, MOST)}` }
  program.execve(execPath, [execPath, ...before, ...words], raised)
}

/** In a compiled program the script lies in a file system of its own. */
const isCompiled = (script: string): boolean => /^(\/\$bunfs|[A-Z]:\\~BUN)/.test(script)
