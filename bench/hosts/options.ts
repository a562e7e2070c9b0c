import process from 'node:process'
import { parseArgs } from 'node:util'

/** Numbers from the command line, `--port 20001 --slots 8`, by their names in `defaults`. */
export function numbers<T extends Readonly<Record<string, number>>>(defaults: T): Record<keyof T, number> {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({ args: process.argv.slice(2), options })
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, Number(values[name] ?? value)]),
  ) as Record<keyof T, number>
}
