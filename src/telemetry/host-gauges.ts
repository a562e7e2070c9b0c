import type { Instruments } from './instruments.ts'

/** How a host stands at this moment. */
export interface HostGauges {
  readonly host: string
  /** Clauses in its queue, and their characters. */
  readonly waiting: number
  readonly waitingChars: number
  /** How long a clause that came now would wait, behind all others, in milliseconds; NaN while nobody can tell. */
  readonly estimateMs: number
  /** Calls that it may have at once, and has. */
  readonly size: number
  readonly taken: number
  readonly breaker: 'closed' | 'half-open' | 'open'
  /** Voices that are left alone by themselves. */
  readonly voicesLeftAlone: number
  /** Whether it can speak. */
  readonly isUp: boolean
}

/** What is looked at whenever somebody asks for the metrics. */
export interface Watched {
  readonly hosts: () => Iterable<HostGauges>
  readonly spool: () => { readonly used: number; readonly bytes: number }
}

const BREAKER = { closed: 0, 'half-open': 1, open: 2 } as const

/** Shows how these hosts stand; one that is there no more is shown no more. */
export function readGauges(hosts: readonly HostGauges[], all: Instruments): void {
  const gauges = [
    [all.queueWaiting, ({ waiting }) => waiting],
    [all.queueCharacters, ({ waitingChars }) => waitingChars],
    [all.queueWaitEstimateSeconds, ({ estimateMs }) => estimateMs / 1000],
    [all.slots, ({ size }) => size],
    [all.slotsTaken, ({ taken }) => taken],
    [all.breakerState, ({ breaker }) => BREAKER[breaker]],
    [all.voicesLeftAlone, ({ voicesLeftAlone }) => voicesLeftAlone],
    [all.hostUp, ({ isUp }) => Number(isUp)],
  ] as const satisfies readonly (readonly [unknown, (host: HostGauges) => number])[]
  for (const [gauge, read] of gauges) {
    gauge.reset()
    for (const host of hosts) {
      const value = read(host)
      if (!Number.isNaN(value)) gauge.set({ host: host.host }, value)
    }
  }
}
