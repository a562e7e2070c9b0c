export interface ContentType {
  /** Such as `audio/pcm`; empty when the reply has none. */
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

const NONE: ReadonlyMap<string, string> = new Map()
const PARAMETER = /;\s*([^=;\s]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g

/** Reads a content type; names in small letters. */
export function contentType(value: string | null | undefined): ContentType {
  const text = value ?? ''
  if (!text.includes(';')) return { type: text.trim().toLowerCase(), parameters: NONE }
  const [type = ''] = text.split(';', 1)
  const found = [...text.matchAll(PARAMETER)]
  return {
    type: type.trim().toLowerCase(),
    parameters: new Map(
      found.map(([, name = '', quoted, plain = '']) => [
        name.toLowerCase(),
        quoted?.replace(/\\(.)/g, '$1') ?? plain,
      ]),
    ),
  }
}

/** A whole number of a header or a field when it lies between two others, else `undefined`. */
export function numberWithin(value: unknown, least: number, most: number): number | undefined {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value ?? Number.NaN)
  return Number.isInteger(number) && number >= least && number <= most ? number : undefined
}
