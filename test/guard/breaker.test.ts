import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Breaker, type BreakerOptions, type Opened } from '../../src/guard/breaker.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Pcm, Synthesize } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { settle } from '../fakes/clock.ts'
import { counting, pcmOf } from '../fakes/samples.ts'
import { claimOf, failureOf, fault, full, GONE, live } from './faults.ts'

function start(options: BreakerOptions = {}) {
  let now = 0
  const openings: Opened[] = []
  const pauses: number[] = []
  const breaker = new Breaker('gpu', {
    now: () => now,
    onOpen: (opened) => openings.push(opened),
    onPause: (ms) => pauses.push(ms),
    ...options,
  })
  let requests = 0
  const ask = (
    next: Synthesize,
    { request = `r${requests++}`, text = '', voice = 'v', signal = live() } = {},
  ) => breaker.guard(next)(clauseOf(text || `Hi ${request}.`, { voice }), { signal, claim: claimOf(request) })
  return {
    breaker,
    openings,
    pauses,
    ask,
    /** A call that fails before its audio. */
    fail: (error: Error = fault(), options = {}) => failureOf(ask(() => Promise.reject(error), options)),
    /** A call that is heard to its end. */
    say: async (options = {}) => readAll(await ask(async () => pcmOf([counting(2)]), options)),
    at(ms: number) {
      now = ms
    },
  }
}

/** One that is open since 0. */
async function opened() {
  const started = start()
  for (const _ of 'abc') await started.fail()
  return started
}

async function readAll(pcm: Pcm): Promise<void> {
  while (await nextOf(pcm));
}

describe('Breaker', () => {
  test('opens when three different requests have failed in a row, and tells why', async () => {
    const { breaker, fail, openings } = start()
    await fail()
    await fail()
    expect(breaker).toMatchObject({ state: 'closed' })
    const cause = fault()
    expect(await fail(cause)).toBe(cause)
    expect(breaker.state).toBe('open')
    expect(breaker.allows('v')).toBe(false)
    expect(openings).toEqual([{ cause, ms: 30_000 }])
  })

  test('refuses at once while it is open, and says until when', async () => {
    const { at, ask } = await opened()
    at(10_000)
    let called = false
    const refused = await failureOf(
      ask(async () => {
        called = true
        return pcmOf([])
      }),
    )
    expect(called).toBe(false)
    expect(refused).toMatchObject({
      code: 'unavailable',
      source: 'proxy',
      retryable: true,
      scope: 'host',
      retryAfterMs: 20_000,
      message: 'Host "gpu" is left alone for 20 s: its last calls failed',
    })
  })

  test('counts what fails within its audio, and a success only at its end', async () => {
    const { breaker, ask, say } = start()
    const cut = async () => pcmOf([counting(3)], { fails: fault() })
    await failureOf(readAll(await ask(cut)))
    await failureOf(readAll(await ask(cut)))
    const first = await ask(async () => pcmOf([counting(3)]))
    await nextOf(first) // not ended yet
    await failureOf(readAll(await ask(cut)))
    expect(breaker.state).toBe('open')
    const other = start()
    await other.fail()
    await other.fail()
    await other.say()
    await other.fail()
    expect(other.breaker.state).toBe('closed')
    expect(await failureOf(say())).toMatchObject({ code: 'unavailable' })
  })

  test('does not open for one text that fails for all who ask, be it the host’s failure or its voice’s', async () => {
    for (const error of [fault(), fault({ scope: 'voice' })]) {
      const { breaker, fail } = start()
      for (let i = 0; i < 30; i++) await fail(error, { text: 'Bad.' })
      expect([breaker.state, breaker.allows('v')]).toEqual(['closed', true])
      await fail(error, { text: 'Another.' })
      await fail(error, { text: 'And another.' })
      expect(breaker.allows('v')).toBe(false)
    }
  })

  test('opens for one text where that cannot be at fault: the host does not answer, or takes too long', async () => {
    for (const code of ['unavailable', 'timeout'] as const) {
      const { breaker, fail } = start()
      for (const _ of 'abc') await fail(fault({ code }), { text: 'Hello.' })
      expect(breaker.state).toBe('open')
    }
  })

  test('does not open for one request’s clauses, nor for one clause without a claim', async () => {
    const { breaker, fail } = start()
    for (let i = 0; i < 30; i++) await fail(fault(), { request: 'same' })
    const clause = clauseOf('Hi.')
    const failing = breaker.guard(() => Promise.reject(fault()))
    for (let i = 0; i < 30; i++) await failureOf(failing(clause, { signal: live() }))
    expect(breaker.state).toBe('closed')
    await failureOf(failing(clauseOf('Ho.'), { signal: live() }))
    expect(breaker.state).toBe('open')
  })

  test.each([
    ['a caller’s fault', fault({ code: 'invalid', source: 'client' })],
    ['an overload of ours', full()],
    ['an unexpected error', new Error('what?')],
    ['a busy host', fault({ code: 'exhausted' })],
    ['a host that says when to come again', fault({ code: 'unavailable', retryAfterMs: 1 })],
  ])('counts %s for nobody', async (_, error) => {
    const { breaker, fail, openings } = start()
    for (let i = 0; i < 30; i++) await fail(error)
    expect(breaker.state).toBe('closed')
    expect(breaker.allows('v')).toBe(true)
    expect(openings).toEqual([])
  })

  test('counts a caller who leaves for nobody, whatever the host made of it', async () => {
    const { breaker, ask } = start()
    for (let i = 0; i < 10; i++) {
      const caller = new AbortController()
      const call = ask(
        (_, { signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(fault()))),
        { signal: caller.signal },
      )
      caller.abort(GONE)
      await failureOf(call)
      const heard = await ask(async () => pcmOf([counting(1)]))
      await nextOf(heard)
      await heard.cancel(GONE)
    }
    expect(breaker.state).toBe('closed')
  })

  test('tells how long a host wants to be left in peace', async () => {
    const { fail, pauses } = start()
    await fail(fault({ code: 'exhausted', retryAfterMs: 3_000 }))
    await fail(fault({ code: 'exhausted' }))
    await fail(fault({ code: 'unavailable', retryAfterMs: 3_600_000 }))
    await fail(full({ retryAfterMs: 5 })) // not the host’s own word
    expect(pauses).toEqual([3_000, 1_000, 60_000])
  })

  test('leaves one voice alone that fails, and the host and its other voices at work', async () => {
    const { breaker, fail, say, openings, at } = start()
    const silent = fault({ scope: 'voice' })
    for (const _ of 'abc') await fail(silent, { voice: 'bad' })
    expect(breaker.allows('bad')).toBe(false)
    expect(breaker.allows('v')).toBe(true)
    expect(breaker.state).toBe('closed')
    expect(openings).toEqual([{ voice: 'bad', cause: silent, ms: 30_000 }])
    expect(breaker.retryAfterMs('bad')).toBe(30_000)
    expect(breaker.retryAfterMs('v')).toBe(0)
    expect(await fail(silent, { voice: 'bad' })).toMatchObject({
      code: 'unavailable',
      scope: 'voice',
      message: 'Voice "bad" of host "gpu" is left alone for 30 s: its last calls failed',
    })
    at(30_000)
    await fail(fault(), { voice: 'bad' }) // says nothing of the voice
    expect(breaker.allows('bad')).toBe(true)
    await say({ voice: 'bad' })
    expect(breaker.allows('bad')).toBe(true)
  })

  test('does not hold a voice’s failures against the host, nor the host’s against the voice', async () => {
    const { breaker, fail } = start()
    const silent = fault({ scope: 'voice' })
    await fail(silent, { voice: 'a' })
    await fail()
    await fail(silent, { voice: 'b' })
    await fail(silent, { voice: 'b' })
    await fail(fault(), { voice: 'b' })
    expect(breaker.state).toBe('closed')
    expect(breaker.allows('b')).toBe(true)
    await fail(silent, { voice: 'b' })
    expect(breaker.allows('b')).toBe(false)
  })

  test('does not open a voice again for a call that began before it had failed', async () => {
    const { breaker, fail, ask, at } = start()
    const call = Promise.withResolvers<Pcm>()
    const early = ask(() => call.promise, { voice: 'a' })
    for (const _ of 'abc') await fail(fault({ scope: 'voice' }), { voice: 'a' })
    at(20_000)
    call.reject(fault({ scope: 'voice' }))
    await failureOf(early)
    expect(breaker.retryAfterMs('a')).toBe(10_000)
  })

  test('watches so many voices and no more', async () => {
    const { breaker, fail } = start({ voices: 2 })
    for (const voice of ['a', 'b', 'c']) {
      for (const _ of 'abc') await fail(fault({ scope: 'voice' }), { voice })
    }
    expect(breaker.voices).toBe(2)
    expect(['a', 'b', 'c'].map((voice) => breaker.allows(voice))).toEqual([true, false, false])
  })

  test('tries a host again with one call, and closes when it was heard to its end', async () => {
    const { breaker, at, ask, fail } = await opened()
    at(30_000)
    expect(breaker.state).toBe('half-open')
    const probe = await ask(async () => pcmOf([counting(1)]))
    expect(breaker.allows('v')).toBe(false)
    expect(await fail()).toMatchObject({ code: 'unavailable', source: 'proxy', retryAfterMs: 1_000 })
    await nextOf(probe)
    expect(breaker.state).toBe('half-open')
    await nextOf(probe)
    expect(breaker.state).toBe('closed')
  })

  test('lets the other clauses of the probing reply through, and nobody else’s', async () => {
    const { breaker, at, ask, fail, say } = await opened()
    at(30_000)
    const probe = await ask(async () => pcmOf([counting(1)]), { request: 'a' })
    expect([breaker.allows('v', 'a'), breaker.allows('v', 'b')]).toEqual([true, false])
    const ahead = await ask(async () => pcmOf([counting(1)]), { request: 'a' })
    expect(await fail(fault(), { request: 'b' })).toMatchObject({ code: 'unavailable', source: 'proxy' })
    await readAll(probe)
    expect(breaker.state).toBe('closed')
    await readAll(ahead)
    await say()
  })

  test('gives the probe’s place on when its caller leaves, once the host is free', async () => {
    const { breaker, at, ask } = await opened()
    at(30_000)
    const free = Promise.withResolvers<void>()
    const probe = await ask(async () => ({ ...pcmOf([counting(1)]), cancel: () => free.promise }))
    const cancelled = probe.cancel(GONE)
    await settle()
    expect(breaker.allows('v')).toBe(false)
    free.resolve()
    await cancelled
    expect(breaker.state).toBe('half-open')
    expect(breaker.allows('v')).toBe(true)
  })

  test('has one probe at a time and no call while it is open, whatever happens', async () => {
    const outcome = fc.constantFrom('good', 'bad', 'voice', 'cut', 'busy', 'client', 'leave', 'cancel')
    const step = fc.record({
      ms: fc.constantFrom(0, 0, 10, 5_000, 31_000, -40_000),
      begin: fc.nat(3),
      end: fc.array(fc.record({ which: fc.nat(9), outcome }), { maxLength: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        let now = 1e6
        const { breaker, ask } = start({ now: () => now })
        interface Running {
          readonly probe: boolean
          end(outcome: string): Promise<void>
        }
        const running = new Set<Running>()
        for (const { ms, begin, end } of steps) {
          now += ms
          for (let i = 0; i < begin; i++) {
            const state = breaker.state
            const caller = new AbortController()
            const call = Promise.withResolvers<Pcm>()
            let called = false
            const pcm = ask(
              () => {
                called = true
                return call.promise
              },
              { signal: caller.signal },
            )
            pcm.catch(() => {})
            await settled()
            if (state === 'open') expect(called).toBe(false)
            if (!called) continue
            const each: Running = {
              probe: state === 'half-open',
              async end(how) {
                running.delete(each)
                if (how === 'leave') caller.abort(GONE)
                if (['good', 'cut', 'cancel'].includes(how)) {
                  call.resolve(pcmOf([counting(1)], how === 'cut' ? { fails: fault() } : {}))
                  const heard = await pcm
                  if (how === 'cancel') return heard.cancel(GONE)
                  await readAll(heard).catch(() => {})
                } else call.reject(FAILURES[how])
                await settled()
              },
            }
            running.add(each)
            if (each.probe) expect([...running].filter(({ probe }) => probe)).toHaveLength(1)
          }
          for (const { which, outcome } of end) await [...running][which % running.size]?.end(outcome)
        }
        for (const each of running) await each.end('cancel')
        now += 60_000
        expect(breaker.allows('v') || breaker.retryAfterMs('v') > 0).toBe(true)
        now += 1e9
        expect(breaker.allows('v')).toBe(true) // no probe's place is lost
      }),
      { numRuns: 200 },
    )
  })
})

const FAILURES: Record<string, Error> = {
  bad: fault(),
  voice: fault({ scope: 'voice' }),
  busy: fault({ code: 'exhausted', retryAfterMs: 5 }),
  client: fault({ source: 'client', code: 'invalid' }),
  leave: GONE,
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}
