import { describe, expect, test } from 'bun:test'
import { Call } from '../../src/dispatch/call.ts'
import { Lookahead } from '../../src/dispatch/lookahead.ts'
import { SpeechError } from '../../src/errors.ts'
import { SpoolBudget } from '../../src/pcm/spool-budget.ts'
import type { Synthesize } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { counting, pcmOf } from '../fakes/samples.ts'

const CUT = new SpeechError('Host broke off', { code: 'upstream', source: 'host', retryable: true })

function callOf({
  synthesize = async () => pcmOf([counting(10)]),
  may = () => true,
}: {
  synthesize?: Synthesize
  may?: (error: SpeechError) => boolean
} = {}) {
  const budget = new SpoolBudget({ bytes: 1e9, stallMs: 1e6 })
  const lookahead = new Lookahead({ seconds: 6, clauses: 2, pace: 'fast', budget })
  const gone = new AbortController()
  let calls = 0
  const counted: Synthesize = (...all) => {
    calls++
    return synthesize(...all)
  }
  const options = { synthesize: counted, mayAskAgain: may, lookahead, signal: gone.signal }
  const call = new Call(clauseOf('Hello there, my dear old friend.'), options)
  return { call, lookahead, gone, calls: () => calls }
}

describe('Call', () => {
  test('counts what was estimated, then what came', async () => {
    const { call, lookahead } = callOf()
    await call.ask()
    expect(lookahead.ahead).toBeCloseTo(2.14, 1)
    call.arrived(5)
    expect(lookahead.ahead).toBe(5)
    call.ended()
    call.taken(2)
    expect(lookahead.ahead).toBe(3)
  })

  test('counts in the listener’s seconds when the host has changed the speed', async () => {
    const { call, lookahead } = callOf({ synthesize: async () => pcmOf([counting(10)], { speed: 2 }) })
    await call.ask()
    call.arrived(5)
    expect(lookahead.ahead).toBe(10)
  })

  test('counts nothing for a call that failed', async () => {
    const { call, lookahead } = callOf({ synthesize: () => Promise.reject(CUT) })
    await expect(call.ask()).rejects.toBe(CUT)
    expect(lookahead.ahead).toBe(0)
  })

  test('forgets what came when it asks again, twice at most', async () => {
    const { call, lookahead, calls } = callOf()
    await call.ask()
    call.arrived(5)
    expect(await call.askAgain(CUT)).toBeDefined()
    expect(lookahead.ahead).toBeCloseTo(2.14, 1)
    expect(await call.askAgain(CUT)).toBeDefined()
    expect(await call.askAgain(CUT)).toBeUndefined()
    call.ended()
    expect([calls(), lookahead.ahead]).toEqual([3, 0])
  })

  test('does not ask again for what cannot be mended, when it may not, or for a caller who has left', async () => {
    const lasting = callOf()
    const hopeless = new SpeechError('No', { code: 'upstream', source: 'host' })
    expect(await lasting.call.askAgain(hopeless)).toBeUndefined()
    const refused = callOf({ may: () => false })
    expect(await refused.call.askAgain(CUT)).toBeUndefined()
    const left = callOf()
    left.gone.abort()
    expect(await left.call.askAgain(CUT)).toBeUndefined()
    expect([lasting.calls(), refused.calls(), left.calls()]).toEqual([0, 0, 0])
  })
})
