import type { Path } from './path.ts'
import { getAt } from './path.ts'

/** What is read of a JSON Schema. */
export interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
}

/** What may stand at one place of the config. */
export interface Allowed {
  /** In words: `a whole number from 1 to 64`; empty when there is nothing short to say. */
  readonly words: string
  /** The values, when there are only so many. */
  readonly values: readonly string[]
  /** The names that a group of settings may hold. */
  readonly names: readonly string[]
}

/** Tells what `schema` allows at `path`; `settings` decide between the kinds that a host may be. */
export function allowedAt(schema: JsonSchema, path: Path, settings: unknown): Allowed {
  let schemas = variants(schema, settings)
  for (const [i, step] of path.entries()) {
    const value = getAt(settings, path.slice(0, i + 1))
    schemas = schemas.flatMap((outer) => stepInto(outer, step)).flatMap((inner) => variants(inner, value))
  }
  return {
    words: [...new Set(schemas.map(describe))].filter(Boolean).join(' or '),
    values: [...new Set(schemas.flatMap(valuesOf))],
    names: [...new Set(schemas.flatMap(({ properties }) => Object.keys(properties ?? {})))],
  }
}

function stepInto(schema: JsonSchema, step: string | number): JsonSchema[] {
  if (typeof step === 'number') return schema.items ? [schema.items] : []
  const { properties = {}, additionalProperties } = schema
  if (Object.hasOwn(properties, step)) return [properties[step]!]
  return typeof additionalProperties === 'object' ? [additionalProperties] : []
}

/** Takes a choice apart; of several groups only those whose fixed values (`kind`) agree with what is written. */
function variants(schema: JsonSchema, value: unknown): JsonSchema[] {
  const choices = schema.oneOf ?? schema.anyOf
  if (!choices) return [schema]
  const all = choices.flatMap((choice) => variants(choice, value))
  const agreeing = all.filter((choice) => agrees(choice, value))
  return agreeing.length > 0 ? agreeing : all
}

const agrees = ({ properties = {} }: JsonSchema, value: unknown): boolean =>
  Object.entries(properties).every(
    ([name, { const: fixed }]) => fixed === undefined || getAt(value, [name]) === fixed,
  )

const valuesOf = (schema: JsonSchema): string[] =>
  (schema.enum ?? (schema.const === undefined ? [] : [schema.const])).map(String)

function describe(schema: JsonSchema): string {
  const values = valuesOf(schema)
  if (values.length === 1) return values[0]!
  if (values.length > 1) return `one of ${values.join(', ')}`
  return schema.description ?? describeType(schema)
}

function describeType(schema: JsonSchema): string {
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema)}`
    case 'number':
      return `a number${range(schema)}`
    case 'boolean':
      return 'true or false'
    case 'string':
      return describeText(schema)
    case 'array':
      return schema.minItems ? `a list of at least ${schema.minItems}` : 'a list'
    case 'object':
      return 'a group of settings'
    default:
      return ''
  }
}

function describeText({ format, pattern, minLength, maxLength }: JsonSchema): string {
  if (format === 'uri') return 'a URL such as http://127.0.0.1:50000'
  if (pattern) return `text like ${pattern}`
  if (maxLength !== undefined) return `text of ${minLength ?? 0} to ${maxLength} characters`
  return minLength ? 'text that is not empty' : 'text'
}

function range({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`
  if (exclusiveMinimum !== undefined)
    return ` above ${exclusiveMinimum}${most === undefined ? '' : `, up to ${most}`}`
  if (least !== undefined) return ` of at least ${least}`
  return most === undefined ? '' : ` of at most ${most}`
}
