import { SpeechError } from '../errors.ts'
import { Breaker } from '../guard/breaker.ts'
import type { BreakerConfig } from '../guard/config.ts'
import { type DeadlineOptions, deadline } from '../guard/deadline.ts'
import { guarded } from '../guard/guarded.ts'
import { observed } from '../guard/observed.ts'
import { sanity } from '../guard/sanity.ts'
import type { Host, Synthesize } from '../speech.ts'
import type { HostGauges } from '../telemetry/host-gauges.ts'
import { FOR_FIRST } from './admission.ts'
import { AutoLimit } from './auto-limit.ts'
import { batched } from './batched.ts'
import type { QueueConfig } from './config.ts'
import { HostGroup } from './host-group.ts'
import { inLane } from './in-lane.ts'
import { Lane } from './lane.ts'
import { fixedLimit, type Limit } from './limit.ts'
import type { Presence } from './presence.ts'
import { RateLimit } from './rate-limit.ts'
import { Throughput } from './throughput.ts'
import { costOf } from './urgency.ts'

/** A host that wants a longer pause is not waited for, in milliseconds. */
export const LONGEST_PAUSE_MS = 10_000

/** A host with the queue before it and all that stands between. */
export interface Route {
  readonly host: Host
  readonly lane: Lane
  readonly breaker: Breaker
  /** Absent where it is not tried. */
  readonly presence: Presence | undefined
  /** Waits for a place at the host, then has it speak. */
  readonly synthesize: Synthesize
  /** Whether the queue has no room for one more speech to begin. */
  readonly isFull: boolean
}

export interface RouteOptions {
  /** Connections to it at once. @default 50, or its slots where that is more */
  readonly maxConnections?: number | undefined
  /** Calls to it a second. @default as many as there are places for */
  readonly maxRequestsPerSecond?: number | undefined
  readonly queue: QueueConfig
  /** The hosts whose queues are bounded together. @default this one alone */
  readonly group?: HostGroup | undefined
  readonly breaker: BreakerConfig
  readonly timeouts?: DeadlineOptions | undefined
  /** @default it is taken to be there */
  readonly presence?: Route['presence']
  /** Told the size of each call to a host that takes many clauses in one. */
  readonly onBatch?: (size: number) => void
}

const MAX_CONNECTIONS = 50
const UNLIMITED = 1_000_000
/** Calls at once to begin with where they are found out. */
const AUTO_START = 4

/** Puts queue, place or batch, breaker, deadline and sanity before a host: a call meets them in this order. */
export function createRoute(host: Host, options: RouteOptions): Route {
  const { queue, timeouts, presence, maxRequestsPerSecond = UNLIMITED, onBatch } = options
  const { group = new HostGroup() } = options
  const lane: Lane = new Lane({
    host: host.id,
    limit: limitOf(host, options),
    rate: new RateLimit({ perSecond: maxRequestsPerSecond }),
    throughput: new Throughput(),
    batch: host.batch,
    queue,
    group,
    onHeard: () => presence?.heard(),
  })
  const breaker = createBreaker(host, { lane, ...options })
  presence?.watch((isBack) => {
    if (!isBack) return
    breaker.reset()
    lane.resume()
  })
  const guards = [breaker.guard, observed(host.id), deadline({ ...timeouts, host: host.id }), sanity(host)]
  const synthesize = host.batch
    ? batched(host.batch, { lane, guards, ...(onBatch && { onBatch }) })
    : guarded(host.synthesize, [inLane(lane), ...guards])
  return {
    host,
    lane,
    breaker,
    presence,
    synthesize,
    get isFull() {
      return hasNoRoom(group, queue)
    },
  }
}

/** What a speech may begin in is the part of the queue that `Admission` leaves it. */
const hasNoRoom = ({ waiting, waitingChars }: HostGroup, { maxRequests, maxChars }: QueueConfig): boolean =>
  waiting >= maxRequests * FOR_FIRST ||
  (waiting > 0 && waitingChars + costOf(ORDINARY) > maxChars * FOR_FIRST)

/** How a host stands, for the metrics, but for whether it is up. */
export const gaugesOf = ({ host, lane, breaker }: Route): Omit<HostGauges, 'isUp'> => ({
  host: host.id,
  waiting: lane.waiting,
  waitingChars: lane.waitingChars,
  estimateMs: lane.backlogMs,
  size: lane.size,
  taken: lane.taken,
  breaker: breaker.state,
  voicesLeftAlone: breaker.voicesLeftAlone,
})

/** What room is looked for. */
const ORDINARY = {
  index: 0,
  text: '',
  spoken: 'One sentence as others are.',
  pauseMs: 0,
  voice: '',
  speed: 1,
}

function limitOf({ slots }: Host, { maxConnections }: RouteOptions): Limit {
  if (slots !== 'auto') return fixedLimit(Math.min(slots, maxConnections ?? slots))
  const max = maxConnections ?? MAX_CONNECTIONS
  return new AutoLimit({ max, start: Math.min(AUTO_START, max) })
}

function createBreaker(
  { id }: Host,
  { lane, breaker, presence }: Pick<RouteOptions, 'breaker' | 'presence'> & { readonly lane: Lane },
): Breaker {
  return new Breaker(id, {
    failures: breaker.failures,
    share: breaker.failureShare,
    calls: breaker.minCalls,
    windowMs: breaker.windowSeconds * 1000,
    openMs: breaker.openSeconds * 1000,
    onFailure: ({ code, cause }) => {
      if (code === 'unavailable' || cause !== undefined) presence?.missed() // an answer of its own has no cause
    },
    onPause: (ms) => {
      lane.pause(ms)
      if (ms > LONGEST_PAUSE_MS) lane.flush(wantsPause(id, ms))
    },
    onOpen: ({ voice, ms }) => {
      if (voice === undefined) lane.flush(leftAlone(id, ms)) // what waits may go elsewhere at once
    },
  })
}

const wantsPause = (host: string, retryAfterMs: number) =>
  new SpeechError(`Host "${host}" wants a pause of ${Math.ceil(retryAfterMs / 1000)} s`, {
    code: 'unavailable',
    source: 'proxy',
    retryable: true,
    retryAfterMs,
  })

const leftAlone = (host: string, retryAfterMs: number) =>
  new SpeechError(`Host "${host}" is left alone: its last calls failed`, {
    code: 'unavailable',
    source: 'proxy',
    retryable: true,
    retryAfterMs,
  })
