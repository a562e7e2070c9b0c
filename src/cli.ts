import manifest from '../package.json' with { type: 'json' }
import { check } from './cli/check.ts'
import { type Command, columns } from './cli/command.ts'
import { healthcheck } from './cli/healthcheck.ts'
import { say } from './cli/say.ts'
import { serve } from './cli/serve.ts'
import { Failure, print, type Shell, UsageError } from './cli/shell.ts'
import { split } from './cli/split.ts'
import { voices } from './cli/voices.ts'
import { ConfigError } from './config/mistakes.ts'
import { nearest } from './config/nearest.ts'
import { SpeechError } from './errors.ts'

const COMMANDS: readonly Command[] = [serve, say, split, voices, check, healthcheck]

/** Runs one command line and gives its exit code: 0 done, 1 failed, 2 not understood, 130 or 143 stopped by a signal. */
export async function cli(args: readonly string[], shell: Shell): Promise<number> {
  try {
    await run(args, shell)
    return 0
  } catch (thrown) {
    return await report(thrown, { shell, name: args[0] })
  }
}

async function run([name, ...rest]: readonly string[], shell: Shell): Promise<void> {
  if (name === undefined || name === '--help' || name === '-h') return shell.stdout.write(HELP)
  if (name === '--version' || name === '-V') return print(shell.stdout, manifest.version)
  const called = name === 'help' ? rest[0] : name
  if (called === undefined) return shell.stdout.write(HELP)
  const command = COMMANDS.find((each) => each.name === called)
  if (!command) throw unknownCommand(called)
  return command.run(name === 'help' ? ['--help'] : rest, shell)
}

function unknownCommand(name: string): UsageError {
  if (name.startsWith('-')) return new UsageError(`There is no flag ${name} before the command`)
  const meant = nearest(
    name,
    COMMANDS.map((each) => each.name),
  )
  return new UsageError(`There is no command ${name}${meant ? `; did you mean ${meant}?` : ''}`)
}

async function report(
  thrown: unknown,
  { shell, name }: { shell: Shell; name: string | undefined },
): Promise<number> {
  // The reader of a pipe left (`sotto split | head`): that is its right, and nobody is there to be told.
  if (isClosedPipe(thrown)) return 0
  if (shell.signal.aborted) return shell.signal.reason?.message === 'SIGTERM' ? 143 : 130
  const command = COMMANDS.find((each) => each.name === name)
  const help = `Try: sotto ${command ? `${command.name} ` : ''}--help`
  const text = thrown instanceof UsageError ? `${thrown.message}\n${help}` : messageOf(thrown)
  await print(shell.stderr, text).catch(() => {})
  return thrown instanceof UsageError ? 2 : 1
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof ConfigError) return `The config has mistakes:\n${thrown.message}`
  if (thrown instanceof Failure) return thrown.message
  if (thrown instanceof SpeechError) return withCause(thrown)
  if (thrown instanceof Error && 'syscall' in thrown) return thrown.message
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
}

const withCause = ({ message, cause }: SpeechError): string =>
  cause instanceof Error ? `${message}: ${cause.message}` : message

const isClosedPipe = (thrown: unknown): boolean =>
  thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === 'EPIPE'

const HELP = `sotto ${manifest.version}: text in, streamed audio out.

Usage: sotto <command> [flags]

Commands:
${columns(COMMANDS.map(({ name, summary }) => [name, summary]))}

Examples:
  sotto serve                              speak on http://localhost:8080
  sotto say "Hello from the edge." -o hello.mp3
  llm "Tell me a story" | sotto say -o - | ffplay -nodisp -autoexit -
  sotto check sotto.yaml                   find the mistakes in a config

sotto <command> --help tells more.
`
