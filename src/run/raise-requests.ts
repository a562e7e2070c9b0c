import process from 'node:process'

/** What Bun allows at once to all hosts together unless told otherwise; more wait, without end if need be. */
const BUN_REQUESTS = 256
const VARIABLE = 'BUN_CONFIG_MAX_HTTP_REQUESTS'
/** The most that Bun takes. */
const MOST = 65_535

export interface RaiseRequestsDeps {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly isBun?: boolean
  /** Starts the program anew in its place: the same process, another environment. @default process.execve */
  readonly restart?: (env: Record<string, string>) => void
}

/**
 * Sees to it that `needed` requests may be with hosts at once. Bun reads how many it allows only as it starts, so it is
 * started anew where that is too few and nobody has set it (tried on Bun 1.4.5, compiled too).
 */
export function raiseRequests(
  needed: number,
  { env = process.env, isBun = 'Bun' in globalThis, restart = restartBun }: RaiseRequestsDeps = {},
): void {
  if (!isBun || needed <= BUN_REQUESTS || env[VARIABLE]) return
  const all = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  restart({ ...Object.fromEntries(all), [VARIABLE]: `${Math.min(needed, MOST)}` })
}

function restartBun(env: Record<string, string>): void {
  const { argv, execArgv, execPath } = process
  const script = isCompiled() ? [] : [...execArgv, argv[1]!]
  const { execve } = process as unknown as {
    execve(path: string, argv: readonly string[], env: Record<string, string>): never
  }
  execve.call(process, execPath, [execPath, ...script, ...argv.slice(2)], env)
}

/** In a compiled program the script lies in a file system of its own. */
const isCompiled = (): boolean => /^(\/\$bunfs|[A-Z]:\\~BUN)/.test(process.argv[1] ?? '')
