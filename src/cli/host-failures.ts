import type { CallEvent } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'

export interface HostFailuresOptions {
  /** Takes one line. */
  readonly write: (line: string) => void
  /** Least time between two lines about one host, in milliseconds. @default 10000 */
  readonly everyMs?: number
  /** @default performance.now */
  readonly now?: () => number
}

interface Told {
  readonly at: number
  /** Failures since then. */
  more: number
}

/**
 * Gives what is told of calls and writes a line when a host has failed; at most one each ten seconds a host, which then
 * counts those between. A line has no word of what was to be said, nor of a host's own; a caller's own fault is no host's.
 */
export function hostFailures({
  write,
  everyMs = 10_000,
  now = clock,
}: HostFailuresOptions): (event: CallEvent) => void {
  const told = new Map<string, Told>()
  return (event) => {
    if (event.type !== 'failed') return
    const { host, error, ms } = event
    if (error.source !== 'host' && error.log === undefined) return
    const last = told.get(host)
    if (last && now() - last.at < everyMs) {
      last.more++
      return
    }
    const between = last && last.more > 0 ? `; ${last.more} more since the line before` : ''
    told.set(host, { at: now(), more: 0 })
    write(
      `Host ${host} failed after ${Math.round(ms)} ms: ${error.log ?? WORDS[error.code] ?? error.code}${between}`,
    )
  }
}

const WORDS: Readonly<Record<string, string>> = {
  unavailable: 'it cannot be reached, or is busy',
  timeout: 'it took too long',
  upstream: 'its answer was an error, broke off, or was audio that cannot be right',
  exhausted: 'it takes no more for now',
}
