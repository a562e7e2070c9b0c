import type * as z from 'zod'

type Issue = z.core.$ZodIssue

/** One thing that is wrong with a request's body. */
export interface PlainIssue {
  /** Such as `lexicon.0.pattern`; empty for the body as a whole. */
  readonly field: string
  /** What the rule is, and what stands there instead. */
  readonly message: string
}

/** Says in plain words what a schema has against `body`: `is required`, `must be a string, not a number`. */
export function plainIssues(issues: readonly Issue[], body: unknown): PlainIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const at = issue.path.map(String)
      return issue.keys.map((key) => ({
        field: [...at, short(key)].join('.'),
        message: 'is not a known field',
      }))
    }
    const { path, message } = inBranch(issue, body)
    return [{ field: path.join('.'), message }]
  })
}

/** Of a choice, the complaints of the branch that was meant: the one whose type fits. */
function inBranch(issue: Issue, body: unknown): { path: readonly PropertyKey[]; message: string } {
  const value = valueAt(body, issue.path)
  if (issue.code !== 'invalid_union' || value === undefined)
    return { path: issue.path, message: messageOf(issue, value) }
  const meant = issue.errors.find(([first]) => first && !(first.code === 'invalid_type' && isHere(first)))
  const inner = meant?.[0]
  if (inner) return inBranch({ ...inner, path: [...issue.path, ...inner.path] }, body)
  const types = issue.errors.flatMap(([first]) => (first?.code === 'invalid_type' ? [first.expected] : []))
  const words = types.map((type) => TYPES[type] ?? type).join(' or ')
  return { path: issue.path, message: words ? `must be ${words}, not ${typeOf(value)}` : 'is not valid' }
}

const isHere = ({ path }: Issue): boolean => path.length === 0

function messageOf(issue: Issue, value: unknown): string {
  if (!OWN_WORDS.test(issue.message)) return issue.message // a rule of ours says more
  if (value === undefined) return 'is required'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}, not ${typeOf(value, issue.expected)}`
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}, not ${typeof value === 'string' ? quote(value) : typeOf(value)}`
    case 'too_small':
      if (Number(issue.minimum) === 1 && issue.origin !== 'number') return 'must not be empty'
      return `must ${bound('at least', issue.minimum, issue.origin)}, current ${measure(value)}`
    case 'too_big':
      return `must ${bound('at most', issue.maximum, issue.origin)}, current ${measure(value)}`
    default:
      return 'is not valid'
  }
}

/** How the schema library begins its own messages. */
const OWN_WORDS = /^(Invalid|Too|Unrecognized) /

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function typeOf(value: unknown, expected?: string): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return TYPES.array!
  if (typeof value === 'number' && !Number.isFinite(value)) return 'one that is too large'
  if (typeof value === 'boolean' || (typeof value === 'number' && expected === 'int')) return String(value)
  return TYPES[typeof value] ?? typeof value
}

const bound = (rule: string, limit: number | bigint, origin: string): string =>
  origin === 'string'
    ? `have ${rule} ${limit} characters`
    : origin === 'array'
      ? `have ${rule} ${limit} entries`
      : `be ${rule} ${limit}`

const measure = (value: unknown): string =>
  typeof value === 'string' || Array.isArray(value) ? `length is ${value.length}` : `value is ${value}`

const quote = (text: string): string => JSON.stringify(short(text))

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text)

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body
  for (const step of path) value = (Object(value) as Record<PropertyKey, unknown>)[step]
  return value
}
