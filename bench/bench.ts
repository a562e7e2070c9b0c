/** One row of a bench's table: a name, then figures by column. */
export type Row = Readonly<Record<string, string | number>>

export interface BenchResult {
  /** The question that the bench answers. */
  readonly question: string
  readonly rows: readonly Row[]
  /** What must be known to read the figures. */
  readonly notes?: readonly string[]
}

/** The value below which `share` (0 to 1) of the values lie; nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits))
