import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { SpeechError } from '../../src/errors.ts'
import { type AttemptsOptions, attempts } from '../../src/guard/attempts.ts'
import type { Candidate } from '../../src/guard/pick-host.ts'
import { RetryBudget } from '../../src/guard/retry-budget.ts'
import { sleep } from '../../src/guard/sleep.ts'
import type { Claim, Synthesize } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { pcmOf } from '../fakes/samples.ts'
import { claimOf, failureOf, fault, full, GONE } from './faults.ts'

type Script = Record<string, readonly (Error | 'ok')[]>

interface Scene {
  readonly claim?: Partial<Claim>
  /** How long each call takes. */
  readonly ms?: number
}

/** Hosts in order, each with what its calls come to; when its script is over it does as it did last. */
function start(script: Script, options: Partial<AttemptsOptions> & Scene = {}) {
  const { claim: rest, ms = 0, ...overrides } = options
  const clock = new FakeClock()
  const calls: { host: string; at: number }[] = []
  const synthesize = (host: string): Synthesize => {
    return async (_, { signal }) => {
      const answers = script[host]!
      const answer = answers[Math.min(calls.filter((each) => each.host === host).length, answers.length - 1)]!
      calls.push({ host, at: clock.now() })
      if (ms > 0) await sleep(ms, { signal, setTimer: clock.setTimer })
      if (answer === 'ok') return pcmOf([])
      throw answer
    }
  }
  const all: Candidate[] = Object.keys(script).map((host) => ({ host, synthesize: synthesize(host) }))
  const caller = new AbortController()
  const claim = claimOf('r', rest)
  const ask = attempts({
    pick: (_, { tried }) => all.find(({ host }) => !tried.has(host)) ?? all[0],
    budget: new RetryBudget({ now: clock.now }),
    random: () => 0.5,
    now: clock.now,
    setTimer: clock.setTimer,
    ...overrides,
  })
  const pcm = ask(clauseOf('Hi.'), { signal: caller.signal, claim })
  pcm.catch(() => {})
  return { clock, calls, caller, claim, pcm, hosts: () => calls.map(({ host }) => host) }
}

/** How many of these calls a queue refused, by what each host answers in turn. */
const refusals = (calls: readonly { host: string }[], script: Script): number =>
  Object.entries(script)
    .flatMap(([host, answers]) =>
      calls.filter((each) => each.host === host).map((_, i) => answers[Math.min(i, answers.length - 1)]),
    )
    .filter((answer) => SpeechError.from(answer).code === 'overloaded').length

describe('attempts()', () => {
  test('asks once where that is enough', async () => {
    const { pcm, hosts, claim } = start({ a: ['ok'], b: ['ok'] })
    await pcm
    expect(hosts()).toEqual(['a'])
    expect(claim.events).toEqual([])
  })

  test('asks another host at once, and tells why', async () => {
    const error = fault()
    const { pcm, calls, claim, clock } = start({ a: [error], b: ['ok'] })
    await pcm
    expect(calls).toEqual([
      { host: 'a', at: 0 },
      { host: 'b', at: 0 },
    ])
    expect(claim.events).toEqual([{ type: 'retried', host: 'a', error }])
    expect(clock.timers).toBe(0)
  })

  test('asks the same host after 200 ms and 400 ms, with full jitter, and then no more', async () => {
    const { pcm, calls, clock } = start({ a: [fault()] }, { random: () => 0.75 })
    await clock.advance(10_000)
    expect(calls.map(({ at }) => at)).toEqual([0, 150, 450])
    expect(await failureOf(pcm)).toMatchObject({ code: 'upstream', source: 'host', retryable: true })
  })

  test.each([
    ['a connection that fails', fault({ code: 'unavailable' })],
    ['a timeout', fault({ code: 'timeout' })],
    ['a busy host', fault({ code: 'exhausted' })],
    ['a platform’s own timeout', new DOMException('late', 'TimeoutError')],
  ])('asks again after %s', async (_, error) => {
    const { clock, pcm, hosts } = start({ a: [error, 'ok'] })
    await clock.advance(200)
    await pcm
    expect(hosts()).toEqual(['a', 'a'])
  })

  test.each([
    ['a refusal of the request', fault({ retryable: false })],
    ['a caller’s fault', fault({ source: 'client', code: 'invalid' })],
    ['a tenant’s limit', fault({ source: 'client', code: 'exhausted' })],
    ['our own limit', fault({ source: 'proxy', code: 'exhausted' })],
    ['a deadline that passed', fault({ source: 'proxy', code: 'timeout' })],
  ])('does not ask again after %s', async (_, error) => {
    const { pcm, hosts, claim } = start({ a: [error], b: ['ok'] })
    expect(await failureOf(pcm)).toBe(error)
    expect(hosts()).toEqual(['a'])
    expect(claim.events).toEqual([])
  })

  test('gives an unexpected error a code and leaves it at that', async () => {
    const cause = new Error('what?')
    const { pcm, hosts } = start({ a: [cause], b: ['ok'] })
    expect(await failureOf(pcm)).toMatchObject({ code: 'internal', source: 'proxy', cause })
    expect(hosts()).toEqual(['a'])
  })

  test('takes what a queue refuses to other hosts, and not to the same again', async () => {
    const { pcm, hosts } = start({ a: [full({ retryAfterMs: 10 })], b: ['ok'] })
    await pcm
    expect(hosts()).toEqual(['a', 'b'])
    const alone = start({ a: [full({ retryAfterMs: 10 })] })
    expect(await failureOf(alone.pcm)).toMatchObject({ source: 'proxy', retryAfterMs: 10 })
    expect(alone.hosts()).toEqual(['a'])
    expect(alone.clock.timers).toBe(0)
  })

  test('waits as long as the host asks for', async () => {
    const { pcm, calls, clock } = start({ a: [fault({ retryAfterMs: 3_000 }), 'ok'] })
    await clock.advance(3_000)
    await pcm
    expect(calls.map(({ at }) => at)).toEqual([0, 3_000])
  })

  test('does not wait for a host that asks for very long, but says how long', async () => {
    const { pcm, hosts, clock } = start({ a: [fault({ retryAfterMs: 10_001 })] })
    expect(await failureOf(pcm)).toMatchObject({ retryAfterMs: 10_001 })
    expect(hosts()).toEqual(['a'])
    expect(clock.timers).toBe(0)
  })

  test('does not wait past the deadline, nor ask after it', async () => {
    const waits = start({ a: [fault({ retryAfterMs: 3_000 })] }, { claim: { deadlineAt: 3_000 } })
    await failureOf(waits.pcm)
    expect(waits.hosts()).toEqual(['a'])
    expect(waits.clock.timers).toBe(0)
    const over = start({ a: [fault()], b: ['ok'] }, { claim: { deadlineAt: 0 } })
    await failureOf(over.pcm)
    expect(over.hosts()).toEqual(['a'])
  })

  test('asks whoever has become free when the wait is over', async () => {
    const clock = new FakeClock()
    const asked: string[] = []
    const host = (id: string, synthesize: Synthesize): Candidate => ({
      host: id,
      synthesize: (clause, options) => {
        asked.push(id)
        return synthesize(clause, options)
      },
    })
    const a = host('a', () => Promise.reject(fault({ retryAfterMs: 1_000 })))
    const b = host('b', async () => pcmOf([]))
    const ask = attempts({
      pick: () => (clock.now() < 500 ? a : b),
      budget: new RetryBudget({ now: clock.now }),
      now: clock.now,
      setTimer: clock.setTimer,
    })
    const pcm = ask(clauseOf('Hi.'), { signal: new AbortController().signal })
    await clock.advance(1_000)
    await pcm
    expect(asked).toEqual(['a', 'b'])
  })

  test('gives the first error as it is when there is no budget', async () => {
    const error = fault()
    const budget = new RetryBudget({ share: 0, perSecond: 0 })
    const { pcm, hosts, clock } = start({ a: [error], b: ['ok'] }, { budget })
    expect(await failureOf(pcm)).toBe(error)
    expect(hosts()).toEqual(['a'])
    expect(clock.timers).toBe(0)
  })

  test('spends no budget where there is nobody to ask', async () => {
    const budget = new RetryBudget({ share: 0, perSecond: 0.1 })
    await failureOf(start({ a: [full()] }, { budget }).pcm)
    expect(budget.withdraw()).toBe(true)
  })

  test('spends no budget on what no host was called for', async () => {
    const budget = new RetryBudget({ share: 0, perSecond: 0 })
    const { pcm, hosts } = start({ a: [full()], b: [full()], c: ['ok'] }, { budget })
    await pcm
    expect(hosts()).toEqual(['a', 'b', 'c'])
    const mixed = start({ a: [full()], b: [fault()], c: ['ok'] }, { budget })
    expect(await failureOf(mixed.pcm)).toMatchObject({ source: 'host' })
    expect(mixed.hosts()).toEqual(['a', 'b'])
  })

  test('pays once for a call that it waits for', async () => {
    const budget = new RetryBudget({ share: 0, perSecond: 0.1 })
    const { pcm, clock, hosts } = start({ a: [fault(), 'ok'] }, { budget })
    await clock.advance(200)
    await pcm
    expect(hosts()).toEqual(['a', 'a'])
  })

  test('counts each clause once towards the budget', async () => {
    const budget = new RetryBudget({ share: 1, perSecond: 0 })
    const { hosts, pcm } = start({ a: [fault()], b: [fault()], c: ['ok'] }, { budget })
    await failureOf(pcm)
    expect(hosts()).toEqual(['a', 'b'])
  })

  test('tells the host’s failure rather than the queue’s, when to come again, and all that was tried', async () => {
    const host = fault({ code: 'timeout', retryAfterMs: 9_000 })
    const queue = full({ retryAfterMs: 700 })
    const error = await failureOf(start({ a: [host], b: [queue] }, { maxMs: 1_000 }).pcm)
    expect(error).toBeInstanceOf(SpeechError)
    expect(error).toMatchObject({
      message: 'Host failed',
      code: 'timeout',
      source: 'host',
      retryable: true,
      retryAfterMs: 700,
    })
    expect((error.cause as AggregateError).errors).toEqual([host, queue])
  })

  test('tells a last failure that cannot be mended as it is', async () => {
    const wrong = fault({ source: 'client', code: 'invalid', retryable: false })
    expect(await failureOf(start({ a: [fault()], b: [wrong] }).pcm)).toBe(wrong)
  })

  test('says so when no host can speak', async () => {
    const { pcm } = start({}, { pick: () => undefined })
    expect(await failureOf(pcm)).toMatchObject({
      message: 'No host can speak as v now',
      code: 'unavailable',
      source: 'proxy',
      retryable: true,
    })
  })

  test('lets the chooser say why nobody can, unless a host has said more', async () => {
    const closed = full({ retryAfterMs: 5_000 })
    const nobody = () => {
      throw closed
    }
    expect(await failureOf(start({}, { pick: nobody }).pcm)).toBe(closed)
    const error = fault()
    const once: Candidate = { host: 'a', synthesize: () => Promise.reject(error) }
    const pick: AttemptsOptions['pick'] = (_, { tried }) => (tried.size === 0 ? once : nobody())
    expect(await failureOf(start({}, { pick }).pcm)).toBe(error)
  })

  test('asks nobody for a caller who has left', async () => {
    const budget = new RetryBudget()
    const caller = new AbortController()
    caller.abort(GONE)
    let asked = false
    const pick = () => {
      asked = true
      return undefined
    }
    const pcm = attempts({ pick, budget })(clauseOf('Hi.'), { signal: caller.signal })
    expect(await failureOf(pcm)).toBe(GONE)
    expect(asked).toBe(false)
  })

  test('ends its wait when the caller leaves', async () => {
    const { pcm, caller, clock, hosts } = start({ a: [fault({ retryAfterMs: 1_000 }), 'ok'] })
    await settle()
    expect(clock.timers).toBe(1)
    caller.abort(GONE)
    expect(await failureOf(pcm)).toBe(GONE)
    await clock.advance(5_000)
    expect(hosts()).toEqual(['a'])
    expect(clock.timers).toBe(0)
  })

  test('asks no more once the caller left, no more often than it may, and within the budget', async () => {
    const answer = fc.constantFrom<Error | 'ok'>(
      'ok',
      fault(),
      fault({ retryAfterMs: 300 }),
      full(),
      fault({ source: 'client', code: 'invalid' }),
      fault({ retryable: false }),
    )
    const script = fc.array(fc.array(answer, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 })
    const scenario = fc.record({
      script,
      tries: fc.nat(4),
      ms: fc.constantFrom(0, 100, 400),
      granted: fc.nat(4),
      leaveAt: fc.option(fc.nat(1_500), { nil: undefined }),
      deadlineAt: fc.option(fc.nat(1_500), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(scenario, async ({ script, tries, ms, granted, leaveAt, deadlineAt }) => {
        let left = granted
        const withdraw = () => left > 0 && left-- > 0
        const budget = { deposit() {}, withdraw } as RetryBudget
        const hosts = Object.fromEntries(script.map((answers, i) => [`h${i}`, answers]))
        const { pcm, calls, caller, clock } = start(hosts, { tries, ms, budget, claim: { deadlineAt } })
        await clock.advance(leaveAt ?? 0)
        if (leaveAt !== undefined) caller.abort(GONE)
        const before = calls.length
        await clock.advance(20_000)
        const outcome = await pcm.catch((thrown) => thrown)
        if (leaveAt !== undefined) expect(calls).toHaveLength(before)
        const free = refusals(calls, hosts)
        expect(calls.length - free).toBeLessThanOrEqual(1 + tries)
        expect(calls.length - free).toBeLessThanOrEqual(1 + granted - left)
        for (const { at } of calls.slice(1)) expect(at).toBeLessThan(deadlineAt ?? Infinity)
        expect(outcome instanceof Error || 'take' in outcome).toBe(true)
        expect(clock.timers).toBe(0)
      }),
      { numRuns: 200 },
    )
  })
})
