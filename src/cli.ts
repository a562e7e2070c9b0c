import manifest from '../package.json' with { type: 'json' }
import { type Command, columns } from './cli/command.ts'
import { Failure, print, type Shell, UsageError } from './cli/shell.ts'
import { withReason } from './cli/with-reason.ts'
import { ConfigError } from './config/mistakes.ts'
import { nearest } from './config/nearest.ts'
import { SpeechError } from './errors.ts'

/** Loaded when it is asked for: evaluating all of sotto takes longer than saying its version. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', async () => (await import('./cli/serve.ts')).serve],
  ['say', async () => (await import('./cli/say.ts')).say],
  ['split', async () => (await import('./cli/split.ts')).split],
  ['voices', async () => (await import('./cli/voices.ts')).voices],
  ['check', async () => (await import('./cli/check.ts')).check],
  ['healthcheck', async () => (await import('./cli/healthcheck.ts')).healthcheck],
])

/** A shell whose `createServices` may be left to be the real one, loaded with the command. */
export type CliShell = Omit<Shell, 'createServices'> & Partial<Pick<Shell, 'createServices'>>

/** Runs one command line and gives its exit code: 0 done, 1 failed, 2 not understood, 130 or 143 stopped by a signal. */
export async function cli(args: readonly string[], shell: CliShell): Promise<number> {
  try {
    await run(args, shell)
    return 0
  } catch (thrown) {
    return await report(thrown, { shell, name: args[0] })
  }
}

async function run([name, ...rest]: readonly string[], shell: CliShell): Promise<void> {
  if (name === undefined || name === '--help' || name === '-h') return shell.stdout.write(await help())
  if (name === '--version' || name === '-V') return print(shell.stdout, manifest.version)
  const called = name === 'help' ? rest[0] : name
  if (called === undefined) return shell.stdout.write(await help())
  const command = await COMMANDS.get(called)?.()
  if (!command) throw unknownCommand(called)
  return command.run(name === 'help' ? ['--help'] : rest, await wholeShell(shell))
}

async function wholeShell(shell: CliShell): Promise<Shell> {
  const { createServices = (await import('./services.ts')).createServices } = shell
  // Not a copy, which would read, and so open, the standard input.
  return Object.create(shell, { createServices: { value: createServices } })
}

function unknownCommand(name: string): UsageError {
  if (name.startsWith('-')) return new UsageError(`There is no flag ${name} before the command`)
  const meant = nearest(name, [...COMMANDS.keys()])
  return new UsageError(`There is no command ${name}${meant ? `; did you mean ${meant}?` : ''}`)
}

/** Exit codes of what a signal has stopped, as shells have them. */
const STOPPED: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

async function report(
  thrown: unknown,
  { shell, name = '' }: { shell: CliShell; name: string | undefined },
): Promise<number> {
  // The reader of a pipe left (`sotto split | head`): that is its right, and nobody is there to be told
  // but by the code of other tools that SIGPIPE ends: not all was written.
  if (isClosedPipe(thrown)) return 141
  if (shell.signal.aborted) return STOPPED[shell.signal.reason?.message] ?? STOPPED.SIGINT!
  const where = `Try: sotto ${COMMANDS.has(name) ? `${name} ` : ''}--help`
  const text = thrown instanceof UsageError ? `${thrown.message}\n${where}` : messageOf(thrown)
  await print(shell.stderr, text).catch(() => {})
  return thrown instanceof UsageError ? 2 : 1
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof ConfigError) return `The config has mistakes:\n${thrown.message}`
  if (thrown instanceof Failure) return thrown.message
  if (thrown instanceof SpeechError) return withReason(thrown)
  if (thrown instanceof Error && 'syscall' in thrown) return thrown.message
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
}

const isClosedPipe = (thrown: unknown): boolean =>
  thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === 'EPIPE'

async function help(): Promise<string> {
  const commands = await Promise.all([...COMMANDS.values()].map((load) => load()))
  return `sotto ${manifest.version}: text in, streamed audio out.

Usage: sotto <command> [flags]

Commands:
${columns(commands.map(({ name, summary }) => [name, summary]))}

Examples:
  sotto serve                              speak on http://localhost:8080
  sotto say "Hello from the edge." -o hello.mp3
  llm "Tell me a story" | sotto say -o - | ffplay -nodisp -autoexit -
  sotto check sotto.yaml                   find the mistakes in a config

sotto <command> --help tells more.
`
}
