import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import * as z from 'zod'
import { clausesConfig, lexiconEntry, textConfig } from './clauses/config.ts'
import type { JsonSchema } from './config/allowed.ts'
import { type Env, type Override, override, readEnv } from './config/env.ts'
import { readConfigFile } from './config/file.ts'
import { explain, type Issue, type Written } from './config/issues.ts'
import { ConfigError } from './config/mistakes.ts'
import { formatPath, leaves, type Path, type Settings, setAt } from './config/path.ts'
import { queueConfig, tenantConfig } from './dispatch/config.ts'
import { attemptsConfig, breakerConfig, degradeConfig, hedgeConfig } from './guard/config.ts'
import { hostConfig } from './hosts/config.ts'
import { audioConfig } from './pcm/config.ts'

/** Everything that can be set. Each folder's schema stands beside what it configures; this one puts them together. */
export const configSchema = z.strictObject({
  /** The port to listen on; 0 takes any free one. */
  port: z.number().int().min(0).max(65_535).default(8080),
  /** The address to listen on: this machine only; `0.0.0.0` for all, as a container needs. */
  host: z
    .string()
    .min(1)
    .refine(
      (host) => /^[\w.:%-]+$/.test(host),
      'must be an address or a name, such as 0.0.0.0, :: or localhost',
    )
    .default('127.0.0.1'),
  /** How long running replies may go on after the order to stop, in seconds. */
  drainSeconds: z.number().min(0).max(3_600).default(10),
  /** Who speaks, in order of preference. */
  hosts: z
    .array(hostConfig)
    .min(1)
    .prefault([{ id: 'local', kind: 'embedded' }])
    .superRefine(refuseDuplicates('hosts')),
  /** Other names that lead to a voice. */
  voiceAliases: z.record(z.string().min(1), z.string().min(1)).default({}),
  /** The queue before each host. */
  queue: queueConfig.prefault({}),
  /** Who shares the hosts; requests say whose they are with the header `x-sotto-tenant`, else they are `default`'s. */
  tenants: z.array(tenantConfig).default([]).superRefine(refuseDuplicates('tenants')),
  attempts: attemptsConfig.prefault({}),
  breaker: breakerConfig.prefault({}),
  hedge: hedgeConfig.prefault({}),
  /** When the fallback host stands in for hosts that cannot speak. */
  degrade: degradeConfig,
  text: textConfig.prefault({}),
  clauses: clausesConfig.prefault({}),
  audio: audioConfig.prefault({}),
  /** Words and how to say them, for every request; a request's own entries go first. */
  lexicon: z.array(lexiconEntry).default([]),
})

const NAMES = {
  names: Object.keys(configSchema.shape),
  groups: Object.entries(configSchema.shape).flatMap(([name, schema]) =>
    schema instanceof z.ZodPrefault ? [name] : [],
  ),
}

/** The whole config, checked and with every default filled in; frozen. */
export type Config = Readonly<z.infer<typeof configSchema>>

export interface LoadOptions {
  /** The file; without it `SOTTO_CONFIG`, else the first of `sotto.yaml`, `sotto.yml`, `sotto.json` that exists. */
  readonly path?: string | undefined
  /** Text of command-line flags by setting: `{ port: '8080' }`. They win over all else. */
  readonly flags?: Readonly<Record<string, string | undefined>> | undefined
  /** @default process.env */
  readonly env?: Env | undefined
  /** Where files are looked for. @default process.cwd() */
  readonly cwd?: string | undefined
}

export interface LoadedConfig {
  readonly config: Config
  /** The file that was read, as it was named; absent when there was none. */
  readonly file: string | undefined
  /** Variables under `SOTTO_` that set nothing. */
  readonly ignored: readonly string[]
  /** Makes an error of a fault that shows only later, such as an alias that leads to no voice. */
  mistake(path: Path, message: string): ConfigError
}

const FILES = ['sotto.yaml', 'sotto.yml', 'sotto.json']

/** Reads file, environment and flags, each winning over the one before; throws a `ConfigError` with all mistakes. */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const { path, flags = {}, env = process.env, cwd = process.cwd() } = options
  const name = path ?? (env.SOTTO_CONFIG || FILES.find((file) => existsSync(resolve(cwd, file))))
  const file = name === undefined ? undefined : readConfigFile(name, cwd)
  const { overrides, ignored } = readEnv(env, NAMES)
  const settings = withPaths(structuredClone(file?.settings ?? {}), file?.folder ?? cwd)
  const written: Written = { settings, file, overrides: [...overrides, ...readFlags(flags)] }
  for (const { path: at, value } of written.overrides) setAt(settings, at, withPaths(value, cwd, at))
  return {
    config: check(written),
    file: name,
    ignored,
    mistake: (at, message) => errorOf([{ code: 'custom', path: at, message }], written),
  }
}

/** Fills in the defaults of settings made by hand; throws a `ConfigError` when they are wrong. */
export const parseConfig = (settings: object = {}): Config =>
  check({ settings: structuredClone(settings) as Settings, overrides: [] })

function check(written: Written): Config {
  const { settings } = written
  const missing = missingFiles(settings)
  const first = parse(settings)
  const result = first.success || !keepText(first.error.issues, written) ? first : parse(settings)
  if (result.success && missing.length === 0) return freeze(result.data)
  throw errorOf([...missing, ...((result.error?.issues ?? []) as Issue[])], written)
}

/** Without code made for it, which would pay only where one schema is used again and again. */
const parse = (settings: Settings) => configSchema.safeParse(settings, { jitless: true })

const errorOf = (issues: readonly Issue[], written: Written): ConfigError => {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  return new ConfigError(issues.flatMap((issue) => explain(issue, { ...written, schema })))
}

/** Puts back as text what only looked like a number: `SOTTO_HOSTS__0__ID=1`. Tells whether there was any. */
function keepText(issues: readonly z.core.$ZodIssue[], { settings, overrides }: Written): boolean {
  const texts = issues
    .filter((issue) => issue.code === 'invalid_type' && issue.expected === 'string')
    .flatMap(({ path }) => overrides.filter((each) => formatPath(each.path) === formatPath(path as Path)))
    .filter(({ value }) => typeof value !== 'object')
  for (const { path, text } of texts) setAt(settings, path, text)
  return texts.length > 0
}

const readFlags = (flags: Readonly<Record<string, string | undefined>>): Override[] =>
  Object.entries(flags).flatMap(([name, text]) =>
    text === undefined ? [] : [override(`--${name}`, { path: [name], text })],
  )

/** The settings that name a file: relative ones are relative to where they are written. */
const isFile = (path: Path, value: unknown): value is string =>
  path.at(-1) === 'promptWav' && typeof value === 'string'

function withPaths<T>(value: T, folder: string, at: Path = []): T {
  if (isFile(at, value)) return resolve(folder, value) as T & string
  const holder = { value }
  for (const [path, leaf] of leaves(value)) {
    if (path.length > 0 && isFile(path, leaf))
      setAt(holder as Settings, ['value', ...path], resolve(folder, leaf))
  }
  return holder.value
}

const missingFiles = (settings: Settings): Issue[] =>
  [...leaves(settings)]
    .filter(([path, value]) => isFile(path, value) && !existsSync(value))
    .map(([path, value]) => ({ code: 'custom', path, message: `${JSON.stringify(value)} does not exist` }))

function refuseDuplicates(name: string) {
  return (all: readonly { readonly id: string }[], context: z.RefinementCtx): void => {
    for (const [i, { id }] of all.entries()) {
      const first = all.findIndex((each) => each.id === id)
      if (first === i) continue
      const message = `${JSON.stringify(id)} is the id of ${name}[${first}] already; give each its own`
      context.addIssue({ code: 'custom', path: [i, 'id'], message })
    }
  }
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) freeze(inner)
  return Object.freeze(value)
}
