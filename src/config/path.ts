/** Settings as they were written, before they are checked. */
export type Settings = Record<string, unknown>

/** Where a setting stands in the config: `['hosts', 0, 'kind']`. */
export type Path = readonly (string | number)[]

/** Writes a path as people do: `hosts[0].kind`. */
export function formatPath(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(step)) text += text ? `.${step}` : step
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}

/** Gives what stands at `path`, or undefined. */
export function getAt(settings: unknown, path: Path): unknown {
  let value = settings
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Settings)[step]
  }
  return value
}

/** Puts `value` at `path`, making the groups and lists on the way; what is in the way gives way. */
export function setAt(settings: Settings, [step, ...rest]: Path, value: unknown): void {
  if (step === undefined) return
  const key = String(step)
  const next = rest[0]
  if (next === undefined) {
    // Not an assignment: a key named __proto__ must stay a key.
    Object.defineProperty(settings, key, { value, writable: true, enumerable: true, configurable: true })
    return
  }
  const held = getAt(settings, [key])
  const fits = typeof held === 'object' && held !== null && Array.isArray(held) === (typeof next === 'number')
  const inner = fits ? held : typeof next === 'number' ? [] : {}
  if (!fits) setAt(settings, [key], inner)
  setAt(inner as Settings, rest, value)
}

/** Tells whether `path` is `start` or lies inside it. */
export const isWithin = (path: Path, start: Path): boolean => start.every((step, i) => path[i] === step)

/** Lists every single value in the settings with its path. */
export function* leaves(value: unknown, path: Path = []): Generator<[Path, unknown]> {
  if (typeof value !== 'object' || value === null) {
    yield [path, value]
    return
  }
  const list = Array.isArray(value)
  for (const [key, inner] of Object.entries(value)) yield* leaves(inner, [...path, list ? Number(key) : key])
}
