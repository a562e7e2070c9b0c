import { parse } from 'yaml'
import { nearest } from './nearest.ts'
import type { Path } from './path.ts'

/** One setting from the environment or the command line; it wins over the file. */
export interface Override {
  /** The variable or flag, for messages. */
  readonly source: string
  readonly path: Path
  /** As it was written. */
  readonly text: string
  readonly value: unknown
}

export interface EnvSettings {
  readonly overrides: readonly Override[]
  /** Names under `SOTTO_` that are no setting of ours. */
  readonly ignored: readonly string[]
}

export interface EnvNames {
  readonly names: readonly string[]
  readonly groups: readonly string[]
}

export type Env = Readonly<Record<string, string | undefined>>

/** Says where settings are, and is none. */
const RESERVED = 'SOTTO_CONFIG'

/** Kubernetes gives these to every pod beside a service that is named `sotto` or `sotto-…`. */
const SERVICE_LINK = /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP)(_|$)/

/**
 * Reads `PORT` and every `SOTTO_…` variable: `SOTTO_CLAUSES__MAX_CHARS=300` sets `clauses.maxChars`. `names` are
 * the config's top-level settings, and `groups` those that hold others; a variable that is nowhere near one is ignored.
 * Empty ones are not set.
 */
export function readEnv(env: Env, { names, groups }: EnvNames): EnvSettings {
  const overrides: Override[] = []
  const ignored: string[] = []
  if (env.PORT) overrides.push(override('PORT', { path: ['port'], text: env.PORT }))
  for (const [variable, text] of Object.entries(env).sort()) {
    if (!variable.startsWith('SOTTO_') || !text || variable === RESERVED) continue
    if (SERVICE_LINK.test(variable) || /^(tcp|udp):\/\//.test(text)) continue
    const path = pathOf(variable)
    const [group] = path
    const meant =
      path.length > 1 ||
      names.includes(String(group)) ||
      groups.some((name) => variable.startsWith(`${variableOf([name])}_`)) ||
      nearest(String(group), names)
    if (meant) overrides.push(override(variable, { path, text }))
    else ignored.push(variable)
  }
  return { overrides, ignored }
}

/** Makes an override of text: numbers, `true`, `false`, `[…]` and `{…}` mean what they look like. */
export const override = (source: string, { path, text }: Pick<Override, 'path' | 'text'>): Override => ({
  source,
  path,
  text,
  value: read(text),
})

/** Names the variable that sets `path`. */
export const variableOf = (path: Path): string =>
  `SOTTO_${path.map((step) => String(step).replaceAll(/[A-Z]/g, '_$&').toUpperCase()).join('__')}`

const pathOf = (variable: string): Path => variable.slice('SOTTO_'.length).split('__').map(stepOf)

const stepOf = (part: string): string | number =>
  /^\d+$/.test(part)
    ? Number(part)
    : part.toLowerCase().replaceAll(/_(.)/g, (_, letter) => letter.toUpperCase())

function read(text: string): unknown {
  try {
    return /^\s*[[{]/.test(text) ? parse(text, { prettyErrors: false }) : JSON.parse(text)
  } catch {
    return text
  }
}
