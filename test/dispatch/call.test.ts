import { describe, expect, test } from 'bun:test'
import { Call } from '../../src/dispatch/call.ts'
import { Lookahead } from '../../src/dispatch/lookahead.ts'
import { SpeechError } from '../../src/errors.ts'
import { SpoolBudget } from '../../src/pcm/spool-budget.ts'
import type { Pcm, Synthesize } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { pulled } from '../fakes/samples.ts'

const CUT = new SpeechError('Host broke off', { code: 'upstream', source: 'host', retryable: true })

/** Audio of which nothing comes. */
const silent = ({ speed = 1 } = {}): Pcm => pulled({ speed, read: () => new Promise(() => {}) })

function callOf({
  synthesize = async () => silent(),
  may = () => true,
}: {
  synthesize?: Synthesize
  may?: (error: SpeechError) => boolean
} = {}) {
  const budget = new SpoolBudget({ bytes: 1e9, stallMs: 1e6 })
  const lookahead = new Lookahead({ seconds: 6, clauses: 2, pace: 'fast', budget })
  let calls = 0
  const counted: Synthesize = (...all) => {
    calls++
    return synthesize(...all)
  }
  const closed: Call[] = []
  const watcher = { taken: () => {}, closed: (call: Call) => void closed.push(call) }
  const options = { synthesize: counted, mayAskAgain: may, lookahead, budget, spoolSeconds: 60, watcher }
  const call = new Call(clauseOf('Hello there, my dear old friend.'), options)
  return { call, lookahead, closed, calls: () => calls }
}

describe('Call', () => {
  test('counts what was estimated, then what came', async () => {
    const { call, lookahead } = callOf()
    await call.begin()
    expect(lookahead.ahead).toBeCloseTo(2.14, 1)
    call.arrived(5)
    expect(lookahead.ahead).toBe(5)
    call.ended()
    call.taken(2)
    expect(lookahead.ahead).toBe(3)
  })

  test('counts in the listener’s seconds when the host has changed the speed', async () => {
    const { call, lookahead } = callOf({ synthesize: async () => silent({ speed: 2 }) })
    await call.begin()
    call.arrived(5)
    expect(lookahead.ahead).toBe(10)
  })

  test('counts nothing for a call that failed', async () => {
    const { call, lookahead, closed } = callOf({ synthesize: () => Promise.reject(CUT) })
    await expect(call.begin()).rejects.toBe(CUT)
    expect(lookahead.ahead).toBe(0)
    expect(closed).toEqual([call])
    expect(call.isFailed).toBe(true)
  })

  test('forgets what came when it asks again, twice at most', async () => {
    const { call, lookahead, calls } = callOf()
    await call.begin()
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
    left.call.stop('left')
    expect(await left.call.askAgain(CUT)).toBeUndefined()
    expect([lasting.calls(), refused.calls(), left.calls()]).toEqual([0, 0, 0])
  })

  test('drops what came when it is stopped, also before anything has', async () => {
    for (const stopBefore of [true, false]) {
      const { call, closed } = callOf()
      if (stopBefore) call.stop('left')
      const spool = await call.begin()
      if (!stopBefore) call.stop('left')
      expect(() => spool.take(1)).toThrow('left')
      expect(closed).toEqual([call])
    }
  })
})
