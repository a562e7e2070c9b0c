import { type Allowed, allowedAt, type JsonSchema } from './allowed.ts'
import { type Override, variableOf } from './env.ts'
import type { ConfigFile } from './file.ts'
import type { Mistake } from './mistakes.ts'
import { nearest } from './nearest.ts'
import { formatPath, getAt, isWithin, type Path, type Settings } from './path.ts'

/** What is read of a schema's complaint. */
export interface Issue {
  readonly code: string
  readonly path: Path
  readonly message: string
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[]
  /** Of a choice between kinds. */
  readonly options?: readonly unknown[]
}

/** What was written, and where. */
export interface Written {
  /** All layers put together. */
  readonly settings: Settings
  readonly file?: ConfigFile | undefined
  /** Stronger ones last. */
  readonly overrides: readonly Override[]
}

export interface ExplainContext extends Written {
  readonly schema: JsonSchema
}

/** Says in words what a schema complains of: where it was written, what is there, what may be there. */
export function explain(issue: Issue, context: ExplainContext): Mistake[] {
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => explainUnknown([...issue.path, key], context))
  }
  const { path } = issue
  const value = getAt(context.settings, path)
  const shown = value === undefined ? undefined : show(path, value)
  const message = reasonOf(issue, { context, value, shown })
  return [{ ...placeOf(path, context), field: formatPath(path), value: shown, message }]
}

function explainUnknown(path: Path, context: ExplainContext): Mistake {
  const group = path.slice(0, -1)
  const { names } = allowedAt(context.schema, group, context.settings)
  const inside = context.overrides.findLast((each) => isWithin(each.path, path))
  const place = inside ? { source: inside.source } : placeOf(path, context, 'key')
  const inFile = place.line !== undefined
  const rest = inside?.path.slice(path.length) ?? []
  const call = (...steps: readonly string[]) =>
    inFile ? steps.join('.') : variableOf(nearestPath([...group, ...steps], { rest, context }))
  const deep = names.filter((name) => holds([...group, name], { rest, context }))
  const word = String(path.at(-1))
  const meant = takenApart(path, context) ?? nearest(word, deep) ?? nearest(word, names)
  const advice = meant
    ? `did you mean ${call(...[meant].flat())}?`
    : `use one of ${names.map((name) => call(name)).join(', ')}`
  return { ...place, field: formatPath(path), message: `is not a setting; ${advice}` }
}

/** The setting of a group that a name means which holds both: `clausesMaxChars`, as of `SOTTO_CLAUSES_MAX_CHARS`. */
function takenApart(path: Path, { schema, settings }: ExplainContext): [string, string] | undefined {
  const [outer, word] = [path.slice(0, -1), String(path.at(-1))]
  for (const group of allowedAt(schema, outer, settings).names) {
    if (!word.startsWith(group)) continue
    const { names } = allowedAt(schema, [...outer, group], settings)
    const meant = nearest(word.slice(group.length), names)
    if (meant) return [group, meant]
  }
  return undefined
}

interface Deeper {
  /** What was written below a path. */
  readonly rest: Path
  readonly context: ExplainContext
}

/** Whether a path is of the kind that something was written below: a list, a group, or a value by itself. */
function holds(path: Path, { rest: [step], context: { schema, settings } }: Deeper): boolean {
  if (step === undefined) return true
  const { names, words } = allowedAt(schema, typeof step === 'number' ? [...path, step] : path, settings)
  return names.length > 0 || (typeof step === 'number' && words !== '')
}

/** Goes on from a path that there is by steps that may be misspelt, as far as there are settings like them. */
function nearestPath(path: Path, { rest: [step, ...rest], context }: Deeper): Path {
  if (step === undefined || !holds(path, { rest: [step], context })) return path
  const { names } = allowedAt(context.schema, path, context.settings)
  const meant = typeof step === 'number' ? step : nearest(step, names)
  return meant === undefined ? path : nearestPath([...path, meant], { rest, context })
}

interface Shown {
  readonly context: ExplainContext
  readonly value: unknown
  readonly shown: string | undefined
}

function reasonOf(issue: Issue, { context, value, shown }: Shown): string {
  // A rule's own words say more than the type does.
  if (issue.code === 'custom' || !/^(Invalid|Too) /.test(issue.message)) {
    return shown && issue.message.startsWith('must ')
      ? `${shown} is not allowed; it ${issue.message}`
      : issue.message
  }
  if (issue.code === 'invalid_key') return 'is no name; give it one'
  const { words, values } = allowedHere(issue, context)
  if (shown === undefined) return words ? `is missing; it must be ${words}` : 'is missing'
  const meant = typeof value === 'string' ? nearest(value, values) : undefined
  return `${shown} is not allowed${words ? `; use ${words}` : ''}${meant ? ` (did you mean ${meant}?)` : ''}`
}

function allowedHere({ path, options }: Issue, { schema, settings }: ExplainContext): Allowed {
  if (!options) return allowedAt(schema, path, settings)
  const values = options.map(String)
  return { words: `one of ${values.join(', ')}`, values, names: [] }
}

/** The strongest layer that wrote the setting or the group around it. */
function placeOf(path: Path, { file, overrides }: Written, part?: 'key'): Partial<Mistake> {
  const override =
    overrides.findLast((each) => isWithin(path, each.path)) ??
    overrides.findLast(isBelow(path, file)) ??
    overrides.findLast((each) => isWithin(each.path, path)) // it made a group of what is none
  if (override) return { source: override.source }
  if (!file) return {}
  return { source: file.name, ...(part === 'key' ? file.positionOfKey(path) : file.positionOf(path)) }
}

/** A setting that is missing beside one that a variable set, in a group that the file does not have. */
const isBelow = (path: Path, file: ConfigFile | undefined) => (override: Override) =>
  isWithin(override.path, path.slice(0, -1)) &&
  path.length > 1 &&
  getAt(file?.settings, path.slice(0, -1)) === undefined

const SECRET = /key|token|secret|password|credential|authorization|cookie|headers/i

/** Writes a value for a message: short, and never a secret. */
function show(path: Path, value: unknown): string {
  if (path.some((step) => SECRET.test(String(step)))) return 'The secret'
  if (Array.isArray(value)) return value.length > 0 ? 'A list' : 'An empty list'
  if (typeof value === 'object' && value !== null) return 'A group of settings'
  const text = typeof value === 'string' ? withoutPassword(value) : value
  const json = Number.isFinite(text) || typeof text !== 'number' ? JSON.stringify(text) : String(text)
  return json.length > 80 ? `${json.slice(0, 79)}…` : json
}

/** Hides what a URL may carry to let its sender in: user, password, query. */
export const withoutPassword = (url: string): string =>
  url
    .replace(/(\w+:\/\/)[^\s/@]*@|[^\s/@]+:[^\s@]*@/g, (_, scheme = '') => scheme)
    .replace(/(:\/\/[^?]*\?).*/, '$1…')
