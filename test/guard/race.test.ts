import { describe, expect, test } from 'bun:test'
import { attempts } from '../../src/guard/attempts.ts'
import { Hedge } from '../../src/guard/hedge.ts'
import type { Candidate } from '../../src/guard/pick-host.ts'
import { RetryBudget } from '../../src/guard/retry-budget.ts'
import type { Pcm, Signal } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { pcmOf } from '../fakes/samples.ts'
import { claimOf, failureOf, fault, GONE } from './faults.ts'

interface Options {
  readonly index?: number
  readonly tries?: number
  readonly budget?: RetryBudget
  readonly fallback?: boolean
  readonly known?: number
  readonly hosts?: readonly string[]
  /** Whether calls end with their caller. @default true */
  readonly leaves?: boolean
}

/** Two hosts of which the first is usually there within 200 ms, and calls that end when they are told to. */
function start(options: Options = {}) {
  const {
    index = 0,
    fallback = false,
    known = 100,
    leaves = true,
    hosts: ids = ['a', 'b', 'c'],
    ...rest
  } = options
  const clock = new FakeClock()
  const hedge = new Hedge()
  for (let i = 0; i < known; i++) hedge.took('a', 200)
  const calls: { host: string; signal: Signal; call: PromiseWithResolvers<Pcm> }[] = []
  const hosts: Candidate[] = ids.map((host) => ({
    host,
    fallback: fallback && host !== 'a',
    synthesize(_, { signal }) {
      const call = Promise.withResolvers<Pcm>()
      calls.push({ host, signal, call })
      signal.addEventListener('abort', () => leaves && call.reject(signal.reason))
      return call.promise
    },
  }))
  const caller = new AbortController()
  const claim = claimOf('r')
  const ask = attempts({
    pick: (_, { tried }) => hosts.find(({ host }) => !tried.has(host)) ?? hosts[0],
    budget: new RetryBudget({ now: clock.now }),
    now: clock.now,
    setTimer: clock.setTimer,
    hedge,
    ...rest,
  })
  const pcm = ask(clauseOf('Hi.', { index }), { signal: caller.signal, claim })
  pcm.catch(() => {})
  return { clock, hedge, calls, caller, claim, pcm, hosts: () => calls.map(({ host }) => host) }
}

describe('a hedge', () => {
  test('asks a second host once the first is later than usual, and tells', async () => {
    const { clock, hosts, claim } = start()
    await clock.advance(199)
    expect(hosts()).toEqual(['a'])
    await clock.advance(1)
    expect(hosts()).toEqual(['a', 'b'])
    expect(claim.events).toEqual([{ type: 'hedged', host: 'b' }])
    await clock.advance(60_000)
    expect(hosts()).toEqual(['a', 'b'])
  })

  test.each([
    [0, 1],
    [1, 0],
  ])('takes call %i’s audio if that is first, and ends the other', async (first, second) => {
    const { clock, calls, pcm } = start()
    await clock.advance(200)
    const audio = pcmOf([])
    calls[first]!.call.resolve(audio)
    expect(await pcm).toBe(audio)
    expect(calls[first]!.signal.aborted).toBe(false)
    expect(calls[second]!.signal.reason).toMatchObject({ code: 'cancelled', source: 'client' })
    expect(clock.timers).toBe(0)
  })

  test('cancels a loser’s audio that comes all the same', async () => {
    const { clock, calls, pcm } = start()
    await clock.advance(200)
    const late = pcmOf([])
    calls[1]!.call.resolve(pcmOf([]))
    calls[0]!.call.resolve(late)
    await pcm
    await settle()
    expect(late.cancelled()).toMatchObject({ code: 'cancelled' })
  })

  test('is not needed by a host that is in time', async () => {
    const { clock, calls, pcm, hosts, claim } = start()
    await clock.advance(150)
    calls[0]!.call.resolve(pcmOf([]))
    await pcm
    expect(clock.timers).toBe(0)
    await clock.advance(60_000)
    expect(hosts()).toEqual(['a'])
    expect(claim.events).toEqual([])
  })

  test.each([
    ['for later clauses', { index: 1 }],
    ['with too little known', { known: 19 }],
    ['to a fallback host', { fallback: true }],
    ['without budget', { budget: new RetryBudget({ share: 0, perSecond: 0 }) }],
    ['where there is no other host', { hosts: ['a'] }],
    ['where nothing may be asked twice', { tries: 0 }],
  ])('is not made %s', async (_, options) => {
    const { clock, calls, hosts, pcm } = start(options)
    await clock.advance(60_000)
    expect(hosts()).toEqual(['a'])
    calls[0]!.call.resolve(pcmOf([]))
    await pcm
  })

  test('waits for the other when one fails', async () => {
    const { clock, calls, pcm, hosts } = start()
    await clock.advance(200)
    calls[0]!.call.reject(fault())
    await settle()
    const audio = pcmOf([])
    calls[1]!.call.resolve(audio)
    expect(await pcm).toBe(audio)
    expect(hosts()).toEqual(['a', 'b'])
  })

  test('counts as one of the tries when both fail', async () => {
    const { clock, calls, pcm, hosts } = start()
    await clock.advance(200)
    const [one, two, three] = [fault(), fault(), fault()]
    calls[1]!.call.reject(two)
    await settle()
    calls[0]!.call.reject(one)
    await settle()
    expect(hosts()).toEqual(['a', 'b', 'c'])
    calls[2]!.call.reject(three)
    const error = await failureOf(pcm)
    expect((error.cause as AggregateError).errors).toEqual([two, one, three])
    expect(hosts()).toHaveLength(3)
  })

  test('is retried at once when the first fails before it is late', async () => {
    const { clock, calls, hosts } = start()
    calls[0]!.call.reject(fault())
    await settle()
    expect(hosts()).toEqual(['a', 'b'])
    await clock.advance(60_000)
    expect(hosts()).toEqual(['a', 'b'])
  })

  test('leaves with the caller, both calls ended', async () => {
    const { clock, calls, caller, pcm } = start()
    await clock.advance(200)
    caller.abort(GONE)
    expect(await failureOf(pcm)).toBe(GONE)
    expect(calls.map(({ signal }) => signal.reason)).toEqual([GONE, GONE])
  })

  test('is not made for a caller who has left', async () => {
    const { clock, caller, hosts } = start({ leaves: false })
    caller.abort(GONE)
    await clock.advance(60_000)
    expect(hosts()).toEqual(['a'])
  })

  test('learns from first clauses, and from a loser that it took at least so long', async () => {
    const { clock, hedge, calls, pcm } = start({ known: 20 })
    await clock.advance(200)
    await clock.advance(700)
    calls[1]!.call.resolve(pcmOf([]))
    await pcm
    await settle()
    expect(hedge.delayMs('a')).toBe(200)
    hedge.took('a', 900)
    expect(hedge.delayMs('a')).toBe(900)
    const later = start({ known: 19, index: 1 })
    later.calls[0]!.call.resolve(pcmOf([]))
    await later.pcm
    expect(later.hedge.delayMs('a')).toBeUndefined()
    const first = start({ known: 19 })
    first.calls[0]!.call.resolve(pcmOf([]))
    await first.pcm
    expect(first.hedge.delayMs('a')).toBe(200)
  })
})
