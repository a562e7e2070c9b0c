/** One thing that is wrong with the config, and how to put it right. */
export interface Mistake {
  /** The file, variable or flag that it comes from; absent when the setting is in none. */
  readonly source?: string | undefined
  /** From 1; absent when the source is no file. */
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** Such as `hosts[0].kind`; empty for the file as a whole. */
  readonly field: string
  /** What was written, secrets left out; absent when nothing was. */
  readonly value?: string | undefined
  readonly message: string
}

/** Says all that is wrong with the config at once, one mistake a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  /** In the order of the file's lines. */
  readonly mistakes: readonly Mistake[]

  constructor(mistakes: readonly Mistake[]) {
    const sorted = mistakes.toSorted(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    )
    super(sorted.map(formatMistake).join('\n'))
    this.mistakes = sorted
  }
}

/** Writes a mistake as editors expect it: `sotto.yaml:12:7 hosts[0].kind: "x" is not allowed; use …`. */
export function formatMistake({ source, line, column, field, message }: Mistake): string {
  const place = [source, line, column].filter((part) => part !== undefined).join(':')
  const subject = [place, field].filter((part) => part !== '').join(' ')
  return subject ? `${subject}: ${message}` : message
}
