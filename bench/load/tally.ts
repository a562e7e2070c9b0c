import { quantile } from '../bench.ts'
import type { Heard } from './connection.ts'

/** Times in milliseconds; absent when there were none. */
export interface Times {
  readonly mean: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** What has become of many requests. */
export interface Tally {
  readonly sent: number
  /** How many got which status; `0` is a connection that was refused or cut. */
  readonly statuses: Readonly<Record<string, number>>
  /** Replies with status 200. */
  readonly said: number
  /** Of them, those whose first audio came within `withinMs`. */
  readonly inTime: number
  /** Of those who were said. */
  readonly first: Times
  readonly total: Times
  /** Of all others. */
  readonly refused: Times
  /** What refusals said of when to come again, in seconds; -1 when one did not say. */
  readonly retryAfter: { readonly min: number; readonly max: number }
  /** Bytes of body of those who were said. */
  readonly bytes: number
  /** Characters of those who were said. */
  readonly characters: number
}

/** Counts replies; `withinMs` bounds what counts as in time. */
export class Counter {
  readonly #heard: Heard[] = []
  readonly #withinMs: number
  readonly #characters: number

  constructor({ withinMs = Number.POSITIVE_INFINITY, characters = 0 } = {}) {
    this.#withinMs = withinMs
    this.#characters = characters
  }

  add(heard: Heard): void {
    this.#heard.push(heard)
  }

  tally(): Tally {
    const said = this.#heard.filter(({ status }) => status === 200)
    const refused = this.#heard.filter(({ status }) => status !== 200)
    const statuses: Record<string, number> = {}
    for (const { status } of this.#heard) statuses[status] = (statuses[status] ?? 0) + 1
    const waits = refused.map(({ retryAfter }) => retryAfter ?? -1)
    return {
      sent: this.#heard.length,
      statuses,
      said: said.length,
      inTime: said.filter(({ firstMs }) => firstMs <= this.#withinMs).length,
      first: times(said.map(({ firstMs }) => firstMs)),
      total: times(said.map(({ totalMs }) => totalMs)),
      refused: times(refused.map(({ totalMs }) => totalMs)),
      retryAfter: { min: quantile(waits, 0), max: quantile(waits, 1) },
      bytes: said.reduce((sum, { bytes }) => sum + bytes, 0),
      characters: said.length * this.#characters,
    }
  }
}

export const times = (values: readonly number[]): Times => ({
  mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  max: quantile(values, 1),
})
