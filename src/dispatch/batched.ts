import { guarded } from '../guard/guarded.ts'
import type { Batching, Claim, Guard, Synthesize } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'
import { BatchCall } from './batch-call.ts'
import { type Lane, NOBODY } from './lane.ts'
import type { Place } from './place.ts'

export interface BatchedOptions {
  /** What stands between each clause and its part of a call; the first one listed sees it first. */
  readonly guards?: readonly Guard[]
  /** Told the size of each call. */
  readonly onBatch?: (size: number) => void
  /** @default performance.now */
  readonly now?: () => number
}

/**
 * Says clauses in calls of as many as the lane of the host puts together. Each has its own result: one that failed alone
 * fails alone, also one that fails every call that it is in; where all fail each may be asked for again, and then goes by
 * itself if a text may be at fault. Whoever counts by request is told one for a whole call, since one bad clause may fail it for all.
 */
export function batched(
  { synthesize }: Pick<Batching, 'synthesize'>,
  { lane, guards = [], onBatch = () => {}, now = clock }: BatchedOptions & { readonly lane: Lane },
): Synthesize {
  const calls = new WeakMap<Place, BatchCall>()
  const callOf = (place: Place): BatchCall => {
    const call =
      calls.get(place) ??
      new BatchCall({ place, synthesize, onBegin: onBatch, onSuspect: (clause) => lane.isolate(clause), now })
    calls.set(place, call)
    return call
  }
  let count = 0
  const requests = new WeakMap<Place, string>()
  const claimIn = (place: Place, claim: Claim | undefined): Claim | undefined => {
    if (place.clauses.length === 1) return claim
    const request = requests.get(place) ?? `batch ${count++}`
    requests.set(place, request)
    return { ...(claim ?? NOBODY), request }
  }
  return async (clause, { signal, claim }) => {
    const { place, number } = await lane.take(clause, { signal, claim })
    const call = callOf(place)
    const say = guarded((_, options) => call.ask(number, options.signal), guards)
    try {
      return await say(clause, { signal, claim: claimIn(place, claim) })
    } catch (thrown) {
      call.leave(number, thrown) // a guard may have refused it before it was asked for
      throw thrown
    }
  }
}
