import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { ConfigError, type Mistake } from './mistakes.ts'
import type { Path, Settings } from './path.ts'

/** A place in a file, both from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A config file that could be read, not yet checked. */
export interface ConfigFile {
  /** As it was given, for messages. */
  readonly name: string
  /** What relative paths in it are relative to. */
  readonly folder: string
  /** What it sets; settings that are left empty are left out. */
  readonly settings: Settings
  /** Finds a setting's value, or the nearest group around it when it is not there. */
  positionOf(path: Path): Position
  /** Finds a setting's name. */
  positionOfKey(path: Path): Position
}

/** Reads YAML or JSON; throws a `ConfigError` that names the lines when it is neither. */
export function readConfigFile(name: string, cwd: string): ConfigFile {
  const path = resolve(cwd, name)
  const lines = new LineCounter()
  const document = parseDocument(read(path, name), { lineCounter: lines, prettyErrors: false })
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) {
    throw new ConfigError(
      faults.map(({ code, message, pos }) => ({
        source: name,
        ...position(pos[0]),
        field: '',
        message:
          code === 'MULTIPLE_DOCS' ? 'A second document begins here; put all settings into one' : message,
      })),
    )
  }
  return {
    name,
    folder: dirname(path),
    settings: settingsOf(document, name),
    positionOf: (at) => position(nodeOffset(document, at)),
    positionOfKey: (at) => position(keyOffset(document, at)),
  }
}

function read(path: string, name: string): string {
  const bytes = readBytes(path, name)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const message = 'The file is not UTF-8; save it as such'
    throw new ConfigError([{ source: name, field: '', message }])
  }
}

function readBytes(path: string, name: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    const message = code === 'ENOENT' ? 'There is no such file' : `Cannot read the file: ${code ?? thrown}`
    throw new ConfigError([{ source: name, field: '', message }])
  }
}

function settingsOf(document: Document, name: string): Settings {
  const value = toPlain(document, name)
  if (value === null || value === undefined) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Settings
  throw fileError(name, 'The file must hold settings, one `name: value` a line')
}

function toPlain(document: Document, name: string): unknown {
  try {
    return withoutEmpty(document.toJS({ maxAliasCount: 100 }))
  } catch (thrown) {
    if (thrown instanceof RangeError)
      throw fileError(name, 'A setting holds itself: an alias such as *a stands within its anchor &a')
    throw fileError(name, thrown instanceof Error ? thrown.message : String(thrown))
  }
}

const fileError = (source: string, message: string) =>
  new ConfigError([{ source, line: 1, column: 1, field: '', message } satisfies Mistake])

/** A name with nothing after it (its lines commented out, say) means the default. */
function withoutEmpty<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutEmpty) as T
  if (typeof value !== 'object' || value === null) return value
  const set = Object.entries(value).filter(([, inner]) => inner !== null)
  return Object.fromEntries(set.map(([name, inner]) => [name, withoutEmpty(inner)])) as T
}

function nodeOffset(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length > 0 ? document.getIn(path.slice(0, length), true) : document.contents
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

function keyOffset(document: Document, path: Path): number {
  const group = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
  const pairs = isMap(group) ? group.items : []
  const key = pairs
    .map((pair) => pair.key)
    .find((name) => isScalar(name) && String(name.value) === path.at(-1))
  return isScalar(key) && key.range ? key.range[0] : nodeOffset(document, path)
}
