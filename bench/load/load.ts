import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import type { Asked } from './request.ts'
import type { Tally, Times } from './tally.ts'

/** Callers who are alike. They ask either `at` a time, or `perSecond` at random moments. */
export interface Crowd {
  readonly name: string
  readonly ask: Asked
  /** How many ask at the same time, each again as soon as it is answered. */
  readonly at?: number
  /** How long each of them rests between two, on average, in milliseconds. */
  readonly restMs?: number
  /** How many ask a second, however slow the answers are. */
  readonly perSecond?: number
  /** First audio that comes later is too late, in milliseconds. */
  readonly withinMs?: number
  /** Of one text, to be counted. */
  readonly characters?: number
}

export interface Load {
  readonly port: number
  readonly crowds: readonly Crowd[]
  /** How long is measured. */
  readonly seconds: number
  /** How long is loaded before. */
  readonly warmSeconds?: number
  /** A new connection for each request. @default false */
  readonly fresh?: boolean
}

/** What was seen in the measured time. */
export interface Loaded {
  readonly crowds: Readonly<Record<string, CrowdSeen>>
  /** How late open loads asked, in milliseconds. */
  readonly lag: Times
  /** Of a core, for the load itself. */
  readonly cpuShare: number
}

/** A tally of requests that began in the measured time, and rates of those that ended in it. */
export interface CrowdSeen extends Tally {
  readonly endedPerSecond: number
  readonly saidPerSecond: number
  readonly inTimePerSecond: number
}

/** How long the last replies may take after the load has ended. */
const PATIENCE_MS = 60_000

/** Loads a port from a process of its own. */
export const loaded = (load: Load): Promise<Loaded> => {
  const { seconds, warmSeconds = 0 } = load
  return drive('driver.ts', load, { timeoutMs: 1000 * (seconds + warmSeconds) + PATIENCE_MS })
}

/** Runs a program of this folder, which prints JSON; ends it after `timeoutMs`. */
export async function drive<T>(
  name: string,
  parameters: object,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<T> {
  const child = spawn(process.execPath, [join(import.meta.dirname, name), JSON.stringify(parameters)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  try {
    let printed = ''
    for await (const text of child.stdout) printed += text
    if (!printed) throw new Error(`Cannot bench: ${name} ended early, or took over ${timeoutMs} ms`)
    return JSON.parse(printed, (_, value) => value ?? Number.NaN) as T // as JSON writes what is no number
  } finally {
    clearTimeout(late)
  }
}
