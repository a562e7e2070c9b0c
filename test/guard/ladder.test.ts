import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { DegradeConfig } from '../../src/guard/config.ts'
import { Ladder, type LadderOptions } from '../../src/guard/ladder.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Claim, Clause, Pcm, Samples, Signal } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { settle } from '../fakes/clock.ts'
import { counting, pcmOf, pulled } from '../fakes/samples.ts'
import { claimOf, failureOf, fault, full, GONE } from './faults.ts'

interface HostCall {
  readonly clause: Clause
  readonly signal: Signal
  readonly call: PromiseWithResolvers<Pcm>
}

type Options = Partial<LadderOptions> & { readonly claim?: Partial<Claim> }

/** A reply whose host calls end when they are told to, and a fallback that speaks at once. */
function start({ claim: rest, ...options }: Options = {}) {
  const calls: HostCall[] = []
  const stoodIn: Clause[] = []
  const caller = new AbortController()
  const ladder = new Ladder({
    hosts(clause, { signal }) {
      const call = Promise.withResolvers<Pcm>()
      call.promise.catch(() => {})
      signal.addEventListener('abort', () => call.reject(signal.reason))
      calls.push({ clause, signal, call })
      return call.promise
    },
    fallbacks: () => [
      {
        host: 'local',
        voice: 'auto',
        async synthesize(clause) {
          stoodIn.push(clause)
          return pcmOf([counting(7)], { rate: 22_050 })
        },
      },
    ],
    now: () => 0,
    ...options,
  })
  const claim = claimOf('r', rest)
  const ask = (index: number, text = 'Hi.') => {
    const clause = clauseOf(text, { index, language: 'zh', instructions: 'softly', seed: 7 })
    const pcm = ladder.synthesize(clause, { signal: caller.signal, claim })
    pcm.catch(() => {})
    return pcm
  }
  return { ladder, calls, stoodIn, caller, claim, ask, said: () => stoodIn.map(({ index }) => index) }
}

async function samplesOf(pcm: Pcm): Promise<number> {
  let count = 0
  for (let samples: Samples | undefined; (samples = await nextOf(pcm)); ) count += samples.length
  return count
}

const TURNED = { code: 'unavailable', source: 'proxy', retryable: true }

describe('Ladder', () => {
  test('stays out of the way while hosts speak', async () => {
    const { ladder, calls, stoodIn, ask } = start()
    const [first, second] = [ask(0), ask(1)]
    calls[0]!.call.resolve(pcmOf([counting(2)]))
    calls[1]!.call.resolve(pcmOf([counting(3), counting(4)], { rate: 8_000, speed: 2 }))
    expect(await samplesOf(await first)).toBe(2)
    expect(await second).toMatchObject({ rate: 8_000, speed: 2 })
    expect(await samplesOf(await second)).toBe(7)
    expect(stoodIn).toEqual([])
    expect(ladder.degradedTo).toBeUndefined()
  })

  test('has the first clause said by the fallback, in the text’s language, a voice of its own, and tells', async () => {
    const { ladder, calls, stoodIn, claim, ask } = start()
    const first = ask(0)
    calls[0]!.call.reject(fault())
    expect((await first).rate).toBe(22_050)
    expect(stoodIn).toEqual([
      clauseOf('Hi.', { voice: 'auto', language: 'zh', instructions: undefined, seed: undefined }),
    ])
    expect(ladder.degradedTo).toBe('local')
    expect(claim.events).toEqual([{ type: 'degraded', host: 'local' }])
  })

  test('stays with the fallback for the rest of the reply, and asks no host', async () => {
    const { calls, ask, said } = start()
    const first = ask(0)
    calls[0]!.call.reject(fault())
    await first
    await Promise.all([ask(1), ask(2)])
    expect(said()).toEqual([0, 1, 2])
    expect(calls).toHaveLength(1)
  })

  test.each([
    ['a host that cannot be reached', fault({ code: 'unavailable' }), true],
    ['a busy host', fault({ code: 'exhausted' }), true],
    ['a full queue', full(), false],
    ['nobody who can', fault({ source: 'proxy', code: 'unavailable', retryable: false }), true],
    ['a caller’s fault', fault({ source: 'client', code: 'invalid' }), false],
    ['a tenant’s limit', fault({ source: 'client', code: 'exhausted' }), false],
    ['our own limit', fault({ source: 'proxy', code: 'exhausted' }), false],
    ['a host that refuses the request', fault({ retryable: false }), false],
    ['an unexpected error', new Error('what?'), false],
  ])('after %s', async (_, error, degraded) => {
    const { ladder, calls, ask } = start()
    const first = ask(0)
    calls[0]!.call.reject(error)
    const outcome = await first.catch((thrown) => thrown)
    expect(ladder.degradedTo).toBe(degraded ? 'local' : undefined)
    if (!degraded) expect(outcome).toBe(error)
  })

  test.each([
    ['refused', { degrade: 'never' }],
    ['without a fallback', { fallbacks: undefined }],
    ['without one that can speak', { fallbacks: () => [] }],
    ['after the deadline', { now: () => 100, claim: { deadlineAt: 100 } }],
  ] as [string, Options][])('does not step down when that is %s', async (_, options) => {
    const { ladder, calls, ask } = start(options)
    const first = ask(0)
    const error = fault()
    calls[0]!.call.reject(error)
    expect(await failureOf(first)).toBe(error)
    expect(ladder.degradedTo).toBeUndefined()
  })

  test('does not step down for a caller who has left', async () => {
    const { ladder, caller, ask, stoodIn } = start()
    const both = [ask(0), ask(1)]
    caller.abort(GONE)
    expect(await Promise.all(both.map(failureOf))).toEqual([GONE, GONE])
    expect(stoodIn).toEqual([])
    expect(ladder.degradedTo).toBeUndefined()
  })

  test('does not step down either when the host’s failure comes as the caller leaves', async () => {
    const error = fault()
    const call = Promise.withResolvers<Pcm>()
    const { ladder, caller, ask, stoodIn } = start({ hosts: () => call.promise })
    const both = [ask(0), ask(1)]
    caller.abort(GONE)
    call.reject(error)
    expect(await Promise.all(both.map(failureOf))).toEqual([error, error])
    expect(stoodIn).toEqual([])
    expect(ladder.degradedTo).toBeUndefined()
  })

  test.each([true, false])('asks no fallback further for one who has left', async (isHeeded) => {
    const speak = Promise.withResolvers<Pcm>()
    const asked: number[] = []
    const { caller, calls, ask } = start({
      fallbacks: () => [
        {
          host: 'local',
          voice: 'auto',
          synthesize(clause) {
            asked.push(clause.index)
            return speak.promise
          },
        },
      ],
    })
    const [first, second] = [ask(0), ask(1)]
    calls[0]!.call.reject(fault())
    await settle() // the second clause waits for the fallback to begin with the first
    const third = ask(2)
    caller.abort(GONE)
    if (isHeeded) speak.reject(GONE)
    else speak.resolve(pcmOf([]))
    await Promise.allSettled([first, second, third])
    expect(asked).toEqual([0])
  })

  test('tells the hosts’ failure when the fallback fails too', async () => {
    const synthesize = () => Promise.reject(new Error('no voice'))
    const { calls, ask, claim } = start({ fallbacks: () => [{ host: 'local', voice: 'auto', synthesize }] })
    const first = ask(0)
    const error = fault()
    calls[0]!.call.reject(error)
    expect(await failureOf(first)).toBe(error)
    expect(claim.events).toEqual([])
  })

  test('asks hosts again after a fallback that failed', async () => {
    const synthesize = () => Promise.reject(new Error('no voice'))
    const { calls, ask } = start({ fallbacks: () => [{ host: 'local', voice: 'auto', synthesize }] })
    const [first, second] = [ask(0), ask(1)]
    calls[0]!.call.reject(fault())
    await failureOf(first)
    expect(await failureOf(second)).toMatchObject(TURNED)
    const again = ask(0)
    calls[2]!.call.resolve(pcmOf([counting(5)]))
    expect(await samplesOf(await again)).toBe(5)
  })

  test('asks the next fallback when one cannot speak, tells so, and stays with the one that does', async () => {
    const asked: string[] = []
    const error = fault({ code: 'unavailable' })
    const speak = Promise.withResolvers<Pcm>()
    const says = {
      north: () => Promise.reject(error),
      south: () => speak.promise,
      west: async () => pcmOf([]),
    }
    const { calls, ask, claim } = start({
      fallbacks: () =>
        Object.entries(says).map(([host, say]) => ({
          host,
          voice: `${host}'s`,
          synthesize(clause) {
            asked.push(`${clause.index} ${clause.voice}`)
            return say()
          },
        })),
    })
    const [first, second] = [ask(0), ask(1)]
    calls[0]!.call.reject(fault())
    await settle()
    const third = ask(2) // while it is not known yet who stands in
    await settle()
    speak.resolve(pcmOf([counting(7)]))
    await Promise.all([first, second, third])
    expect(asked.sort()).toEqual(["0 north's", "0 south's", "1 south's", "2 south's"])
    expect(claim.events).toEqual([
      { type: 'retried', host: 'north', error },
      ...[0, 1, 2].map(() => ({ type: 'degraded', host: 'south' }) as const),
    ])
  })

  test('asks no further fallback for a caller who has left', async () => {
    const asked: string[] = []
    const { caller, calls, ask } = start({
      fallbacks: () =>
        ['north', 'south'].map((host) => ({
          host,
          voice: 'auto',
          async synthesize() {
            asked.push(host)
            caller.abort(GONE)
            throw GONE
          },
        })),
    })
    const first = ask(0)
    calls[0]!.call.reject(fault())
    await failureOf(first)
    expect(asked).toEqual(['north'])
  })

  test('ends a later clause’s host call and has the fallback say it', async () => {
    const { calls, ask, said } = start()
    const [first, second] = [ask(0), ask(1)]
    calls[0]!.call.reject(fault())
    await first
    expect(calls[1]!.signal.reason).toMatchObject(TURNED)
    expect((await second).rate).toBe(22_050)
    expect(said()).toEqual([0, 1])
  })

  test('ends a later clause’s audio that was handed on, so that it is asked for again', async () => {
    const { calls, ask } = start()
    const [first, second] = [ask(0), ask(1)]
    const audio = pcmOf([counting(1), counting(1), counting(1)])
    calls[1]!.call.resolve(audio)
    const ahead = await second
    await nextOf(ahead)
    calls[0]!.call.reject(fault())
    await first
    expect(audio.cancelled()).toMatchObject(TURNED)
    expect(await failureOf(nextOf(ahead))).toMatchObject(TURNED)
    expect(audio.pulls()).toBe(1)
    expect((await ask(1)).rate).toBe(22_050)
  })

  test('ends it too when the host speaks all the same', async () => {
    const calls: PromiseWithResolvers<Pcm>[] = []
    const hosts = () => {
      calls.push(Promise.withResolvers<Pcm>())
      return calls.at(-1)!.promise
    }
    const { ask } = start({ hosts })
    const [first, second] = [ask(0), ask(1)]
    calls[0]!.reject(fault())
    await first
    const audio = pcmOf([counting(1)])
    calls[1]!.resolve(audio)
    expect(await failureOf(nextOf(await second))).toMatchObject(TURNED)
    expect(audio.cancelled()).toMatchObject(TURNED)
    expect(audio.pulls()).toBe(0)
  })

  test('does so at once when a read waits for the host', async () => {
    const { calls, ask } = start()
    const [first, second] = [ask(0), ask(1)]
    calls[1]!.call.resolve(pulled({ read: () => new Promise(() => {}) }))
    const reading = failureOf(nextOf(await second))
    calls[0]!.call.reject(fault())
    await first
    expect(await reading).toMatchObject(TURNED)
  })

  test('keeps a later clause’s end back until the first clause’s voice is known', async () => {
    for (const good of [true, false]) {
      const { calls, ask } = start()
      const [first, second] = [ask(0), ask(1)]
      const audio = pcmOf([counting(1)])
      calls[1]!.call.resolve(audio)
      const ahead = await second
      await nextOf(ahead)
      let outcome: unknown = 'waits'
      const end = nextOf(ahead).then(
        (samples) => (outcome = samples),
        (thrown) => (outcome = thrown),
      )
      await settle()
      expect(outcome).toBe('waits')
      expect(audio.pulls()).toBe(2) // the host has been read to its end: it is free
      if (good) calls[0]!.call.resolve(pcmOf([]))
      else calls[0]!.call.reject(fault())
      await first
      await end
      if (good) expect(outcome).toBeUndefined()
      else expect(outcome).toMatchObject(TURNED)
    }
  })

  test('keeps a later clause’s failure back until the first clause’s voice is known', async () => {
    const { calls, ask, said } = start()
    const [first, second] = [ask(0), ask(1)]
    calls[1]!.call.reject(fault())
    await settle()
    calls[0]!.call.reject(fault())
    await Promise.all([first, second])
    expect(said()).toEqual([0, 1])
    const spoken = start()
    const later = [spoken.ask(0), spoken.ask(1)][1]!
    const error = fault()
    spoken.calls[1]!.call.reject(error)
    await settle()
    spoken.calls[0]!.call.resolve(pcmOf([]))
    expect(await failureOf(later)).toBe(error)
  })

  test('does not change voices in a reply, unless it always may', async () => {
    const { ladder, calls, ask } = start()
    const first = ask(0)
    calls[0]!.call.resolve(pcmOf([]))
    await first
    const second = ask(1)
    const error = fault()
    calls[1]!.call.reject(error)
    expect(await failureOf(second)).toBe(error)
    expect(ladder.degradedTo).toBeUndefined()
  })

  test('with `always` goes on with the fallback, and turns over only what comes after', async () => {
    const { ladder, calls, ask, said } = start({ degrade: 'always' })
    const all = [ask(0), ask(1), ask(2), ask(3)]
    calls[0]!.call.resolve(pcmOf([]))
    const before = pcmOf([counting(1), counting(2)])
    calls[1]!.call.resolve(before)
    await all[1]
    calls[2]!.call.reject(fault())
    await Promise.all(all)
    expect(said()).toEqual([2, 3])
    expect(ladder.degradedTo).toBe('local')
    expect(await samplesOf(await all[1]!)).toBe(3)
    expect(before.cancelled()).toBeUndefined()
  })

  test('carries a cancel of audio fetched ahead, which is turned over no more', async () => {
    const { calls, ask } = start()
    const [first, second] = [ask(0), ask(1)]
    const audio = pcmOf([counting(1)])
    calls[1]!.call.resolve(audio)
    await (await second).cancel(GONE)
    expect(audio.cancelled()).toBe(GONE)
    calls[0]!.call.reject(fault())
    await first
    expect(audio.cancelled()).toBe(GONE)
  })

  test('carries a failure within audio fetched ahead', async () => {
    const { calls, ask } = start()
    const second = [ask(0), ask(1)][1]!
    const error = fault()
    calls[1]!.call.resolve(pcmOf([], { fails: error }))
    expect(await failureOf(nextOf(await second))).toBe(error)
  })

  test('says a reply in one voice, whatever fails when, and asks for nobody who has left', async () => {
    const all = [0, 1, 2, 3].flatMap((which) =>
      ['speak', 'fail', 'read', 'read'].map((what) => ({ which, what })),
    )
    const plan = fc.tuple(fc.shuffledSubarray(all), fc.option(fc.nat(20), { nil: undefined }))
    const mode = fc.constantFrom<DegradeConfig>('first', 'first', 'never')
    await fc.assert(
      fc.asyncProperty(mode, plan, async (degrade, [steps, leaveAfter]) => {
        const { ladder, calls, ask, caller, stoodIn } = start({ degrade })
        /** Clauses wholly said, by rate: 24000 is a host's, 22050 the fallback's. */
        const voices = new Map<number, number>()
        const open = new Map<number, Pcm>()
        const wait = async () => {
          for (let i = 0; i < 20; i++) await Promise.resolve()
        }
        const keep = (index: number) =>
          ask(index).then(
            (pcm) => open.set(index, pcm),
            () => {},
          )
        for (let index = 0; index < 4; index++) keep(index)
        const read = async (index: number) => {
          const pcm = open.get(index)
          if (!pcm) return
          open.delete(index)
          try {
            while (await nextOf(pcm));
            voices.set(index, pcm.rate)
          } catch {
            keep(index) // nobody has heard it: asked for again
          }
        }
        let [made, served] = [Infinity, Infinity]
        for (const [i, { which, what }] of steps.entries()) {
          const call = calls.filter(({ clause }) => clause.index === which).at(-1)?.call
          if (what === 'speak') call?.resolve(pcmOf([counting(2)]))
          if (what === 'fail') call?.reject(fault())
          if (what === 'read') read(which)
          if (i === leaveAfter) {
            caller.abort(GONE)
            await wait()
            ;[made, served] = [calls.length, stoodIn.length]
            break
          }
          await wait()
        }
        if (made === Infinity) {
          for (let round = 0; round < 4; round++) {
            for (const { call } of calls) call.resolve(pcmOf([counting(2)]))
            await wait()
            for (const index of [0, 1, 2, 3]) read(index)
            await wait()
          }
        }
        expect(calls.length).toBeLessThanOrEqual(made)
        expect(stoodIn.length).toBeLessThanOrEqual(served)
        if (voices.has(0)) for (const rate of voices.values()) expect(rate).toBe(voices.get(0)!)
        if (degrade === 'never') expect(ladder.degradedTo).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })
})
