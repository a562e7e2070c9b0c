import { expect } from 'bun:test'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Pcm } from '../../src/speech.ts'
import { all, failure } from './contract.ts'
import { GONE } from './reasons.ts'
import { until } from './until.ts'

export const WHENS = ['before the first audio', 'in the middle', 'by cancelling'] as const

export interface Leave {
  readonly when: (typeof WHENS)[number]
  /** Whether the host is at it. */
  readonly begun: () => boolean
  readonly reason?: unknown
}

/** Leaves a call, and settles when it does; checks that its caller is told why. */
export async function leave(
  say: (signal: AbortSignal) => Promise<Pcm>,
  { when, begun, reason = GONE }: Leave,
): Promise<void> {
  const caller = new AbortController()
  const call = say(caller.signal)
  if (when === 'before the first audio') {
    await until(begun)
    caller.abort(reason)
    return expect(await failure(call)).toBe(reason)
  }
  const pcm = await call
  if (when === 'by cancelling') return pcm.cancel(reason)
  await nextOf(pcm)
  const rest = failure(all(pcm))
  caller.abort(reason)
  expect(await rest).toBe(reason)
}
