import { parseArgs } from 'node:util'
import { nearest } from '../config/nearest.ts'
import { type Shell, UsageError } from './shell.ts'

/** Something that may be said after a command's name. */
export interface Flag {
  /** One letter. */
  readonly short?: string
  /** What its value is called in the help; a flag without it is on or off. */
  readonly value?: string
  readonly help: string
}

type Flags = Readonly<Record<string, Flag>>

type Values<F extends Flags> = {
  readonly [Name in keyof F]?: F[Name] extends { readonly value: string } ? string : boolean
}

export interface Definition<F extends Flags> {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What follows the name, such as `[text]`; a command without it takes no arguments. */
  readonly takes?: string
  readonly flags: F
  /** What `--help` adds: how it behaves, and examples. */
  readonly help: string
  /** Resolves when done; what it throws becomes the exit code. */
  run(given: { readonly values: Values<F>; readonly words: readonly string[] }, shell: Shell): Promise<void>
}

/** A command as the command line knows it. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** Takes what follows the name; throws a `UsageError` for what it does not know. */
  run(args: readonly string[], shell: Shell): Promise<void>
}

/** Makes a command that reads its own flags and answers `--help`. */
export function command<const F extends Flags>(definition: Definition<F>): Command {
  const { name, summary, run } = definition
  const flags: Flags = { ...definition.flags, help: HELP }
  return {
    name,
    summary,
    async run(args, shell) {
      const { values, words } = readArgs(args, { ...definition, flags })
      if (values.help) await shell.stdout.write(helpOf({ ...definition, flags }))
      else await run({ values: values as Values<F>, words }, shell)
    },
  }
}

const HELP: Flag = { short: 'h', help: 'Show this' }

type Given = { values: Record<string, string | boolean>; words: string[] }

function readArgs(args: readonly string[], { name, takes, flags }: Definition<Flags>): Given {
  const options = Object.fromEntries(
    Object.entries(flags).map(([flag, { short, value }]) => [
      flag,
      { type: value ? ('string' as const) : ('boolean' as const), ...(short && { short }) },
    ]),
  )
  // Not strict: our own messages, the same on every runtime.
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given: Given = { values: {}, words: [] }
  for (const token of tokens) {
    if (token.kind === 'positional') given.words.push(token.value)
    if (token.kind === 'option') given.values[token.name] = readValue(token, flags)
  }
  if (!takes && given.words.length > 0 && !given.values.help) {
    throw new UsageError(`sotto ${name} takes no arguments, but got ${JSON.stringify(given.words[0])}`)
  }
  return given
}

interface Option {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function readValue({ name, rawName, value, inlineValue }: Option, flags: Flags): string | boolean {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (!flag) throw unknownFlag(rawName, flags)
  if (!flag.value) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`)
    return true
  }
  const looksLikeFlag = !inlineValue && value !== undefined && /^-[^\d.]/.test(value)
  if (value === undefined || looksLikeFlag)
    throw new UsageError(`${rawName} needs a value: ${rawName} ${flag.value}`)
  return value
}

function unknownFlag(rawName: string, flags: Flags): UsageError {
  const meant = rawName.startsWith('--') && nearest(rawName.slice(2), Object.keys(flags))
  const advice = meant ? `; did you mean --${meant}?` : '; put -- before text that begins with a dash'
  return new UsageError(`There is no flag ${rawName}${advice}`)
}

function helpOf({ name, summary, takes, flags, help }: Definition<Flags>): string {
  const usage = ['sotto', name, takes, '[flags]'].filter(Boolean).join(' ')
  return `${summary}\n\nUsage: ${usage}\n\n${help.trim()}\n\nFlags:\n${flagLines(flags)}\n`
}

function flagLines(flags: Flags): string {
  const rows = Object.entries(flags).map(([flag, { short, value, help }]) => [
    `${short ? `-${short}, ` : '    '}--${flag}${value ? ` ${value}` : ''}`,
    help,
  ])
  return columns(rows)
}

/** Lines up rows of cells, two spaces in and two between. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell))
  }
  const line = (row: readonly string[]) =>
    row.map((cell, i) => cell + ' '.repeat(widths[i]! - width(cell))).join('  ')
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n')
}

/** Chinese, Japanese and Korean signs take two places on a terminal. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g
const width = (text: string): number => text.length + (text.match(WIDE)?.length ?? 0)
