import { Lane, type LaneOptions } from '../../src/dispatch/lane.ts'
import type { FinishedCall } from '../../src/dispatch/limit.ts'
import { RateLimit } from '../../src/dispatch/rate-limit.ts'
import type { CallEvent, Claim, Tenant } from '../../src/speech.ts'
import { FakeClock } from '../fakes/clock.ts'

export interface LaneRig {
  readonly lane: Lane
  readonly clock: FakeClock
  /** What the limit was told. */
  readonly calls: FinishedCall[]
  /** What the throughput was told. */
  readonly done: { characters: number; ms: number }[]
  /** Changes the size; it is looked at when a place is given back. */
  readonly resize: (size: number) => void
}

export interface RigOptions extends Pick<LaneOptions, 'queue' | 'batch' | 'group'> {
  size?: number
  /** How long the host takes for a character. @default 1 */
  msPerCharacter?: number
  /** Calls that may begin in a second. @default any number */
  perSecond?: number
}

/** A lane of a host whose throughput is known, on a clock that stands still. */
export function laneOf({ size = 1, msPerCharacter = 1, perSecond = 1e9, ...rest }: RigOptions = {}): LaneRig {
  const clock = new FakeClock()
  const [calls, done]: [FinishedCall[], LaneRig['done']] = [[], []]
  let places = size
  const lane = new Lane({
    host: 'gpu',
    limit: {
      get size() {
        return places
      },
      done: (call) => void calls.push(call),
    },
    rate: new RateLimit({ perSecond, now: clock.now }),
    throughput: {
      done: (call) => void done.push(call),
      waitMs: ({ characters }) => (characters * msPerCharacter) / places,
    },
    now: clock.now,
    setTimer: clock.setTimer,
    ...rest,
  })
  return {
    lane,
    clock,
    calls,
    done,
    resize: (size) => {
      places = size
    },
  }
}

export interface ToldClaim extends Claim {
  readonly events: CallEvent[]
}

/** A claim that keeps what it was told. */
export function claimOf({
  tenant = 'a',
  weight = 1,
  maxQueuedChars,
  ...rest
}: {
  tenant?: string
  weight?: number
  maxQueuedChars?: number
  priority?: number
  deadlineAt?: number
  request?: string
} = {}): ToldClaim {
  const events: CallEvent[] = []
  const shares: Tenant = { id: tenant, weight, maxQueuedChars }
  return {
    request: 'r',
    tenant: shares,
    priority: 0,
    tell: (event) => void events.push(event),
    events,
    ...rest,
  }
}
