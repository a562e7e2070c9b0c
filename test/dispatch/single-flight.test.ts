import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { SingleFlight, type SingleFlightOptions, soundKey } from '../../src/dispatch/single-flight.ts'
import { SpeechError } from '../../src/errors.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type {
  CallEvent,
  Claim,
  Clause,
  Pcm,
  Samples,
  Synthesize,
  SynthesizeOptions,
} from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { counting, endless, pcmOf, pulled, type ScriptedPcm } from '../fakes/samples.ts'

const clause = clauseOf('Hello.')
const live = () => new AbortController().signal
const left = new Error('left')

/** A host that is told what to do with each of its calls. */
function scripted() {
  const calls: { clause: Clause; options: SynthesizeOptions; audio: PromiseWithResolvers<Pcm> }[] = []
  const next: Synthesize = (clause, options) => {
    const audio = Promise.withResolvers<Pcm>()
    calls.push({ clause, options, audio })
    return audio.promise
  }
  return { calls, next }
}

/** Equal clauses, shared: each call asks for one. */
function shared(options: SingleFlightOptions = {}) {
  const { calls, next } = scripted()
  const flights = new SingleFlight(options)
  const synthesize = flights.synthesize(next)
  const ask = ({ signal = live(), claim, ...rest }: Partial<Clause & SynthesizeOptions> = {}) => {
    const pcm = synthesize({ ...clause, ...rest }, { signal, claim })
    pcm.catch(() => {})
    return pcm
  }
  return { calls, flights, ask }
}

const leaving = () => {
  const controller = new AbortController()
  return { signal: controller.signal, leave: (reason: unknown = left) => controller.abort(reason) }
}

function claimed(rest: Partial<Claim> = {}) {
  const told: string[] = []
  const tell = (event: CallEvent) => void told.push(event.type)
  const claim: Claim = { request: 'r', tenant: { id: 't', weight: 1 }, priority: 0, tell, ...rest }
  return { claim, told }
}

async function heard(pcm: Pcm): Promise<number[]> {
  const all: number[] = []
  for (let samples = await nextOf(pcm); samples; samples = await nextOf(pcm)) all.push(...samples)
  return all
}

/** Audio whose cancel settles when it is told to. */
const draining = (pcm: ScriptedPcm) => {
  const free = Promise.withResolvers<void>()
  return { free, pcm: { ...pcm, cancel: (reason: unknown) => pcm.cancel(reason).then(() => free.promise) } }
}

/** Whether it has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let is = false
  const note = () => {
    is = true
  }
  promise.then(note, note)
  await settle()
  return is
}

describe('SingleFlight', () => {
  test('makes one call for a hundred equal clauses, and gives each the whole audio', async () => {
    const { calls, flights, ask } = shared()
    const asked = Array.from({ length: 100 }, (_, index) => ask({ index, text: `${index}`, pauseMs: index }))
    expect([calls.length, flights.size]).toEqual([1, 1])
    const source = pcmOf([counting(5), counting(5, 5)], { rate: 16_000, speed: 1.5 })
    calls[0]!.audio.resolve(source)
    const all = await Promise.all(asked)
    expect(new Set(all.map(({ rate, speed }) => `${rate} ${speed}`))).toEqual(new Set(['16000 1.5']))
    for (const audio of await Promise.all(all.map(heard))) expect(audio).toEqual([...counting(10)])
    expect([calls.length, source.pulls(), flights.size]).toEqual([1, 3, 0])
  })

  test('lets nobody join after two seconds of audio, and keeps none of it for them', async () => {
    const { calls, flights, ask } = shared()
    const early = ask()
    const source = pcmOf([counting(24_000), counting(24_000), counting(24_000), counting(9)])
    calls[0]!.audio.resolve(source)
    const pcm = await early
    await nextOf(pcm)
    await nextOf(pcm)
    const joined = await ask() // just in time
    expect(calls.length).toBe(1)
    await nextOf(pcm)
    expect(flights.size).toBe(0)
    ask()
    expect(calls.length).toBe(2)
    expect((await heard(joined)).length).toBe(72_009)
    expect((await heard(pcm)).length).toBe(9)
    expect(source.pulls()).toBe(5)
  })

  test('reads straight from the host for the only one left, who may still leave', async () => {
    const { calls, ask } = shared()
    const { signal, leave } = leaving()
    const only = ask({ signal })
    const source = pcmOf(Array.from({ length: 5 }, (_, i) => counting(30_000, i)))
    calls[0]!.audio.resolve(source)
    const pcm = await only
    for (const i of [0, 1, 2]) expect((await nextOf(pcm))![0]).toBe(i)
    expect(source.pulls()).toBe(3)
    leave()
    expect(await nextOf(pcm).catch((thrown) => thrown)).toBe(left)
    await settle()
    expect(source.cancelled()).toBe(left)
  })

  test('keeps clauses apart that sound different', async () => {
    const { calls, ask } = shared()
    const kinds: Partial<Clause>[] = [
      {},
      { spoken: 'Hello!' },
      { voice: 'w' },
      { language: 'en' },
      { speed: 1.1 },
      { instructions: 'Whisper.' },
      { seed: 7 },
    ]
    for (const kind of kinds) ask(kind)
    expect(calls.length).toBe(kinds.length)
    for (const kind of kinds) ask({ ...kind, index: 9, text: 'x', pauseMs: 1 })
    expect(calls.length).toBe(kinds.length)
  })

  test('keeps equal clauses of two tenants apart, since one must not wait in the backlog of the other', () => {
    const { calls, ask } = shared()
    for (const id of ['one', 'other', 'one', 'other']) ask(claimed({ tenant: { id, weight: 1 } }))
    expect(calls.length).toBe(2)
  })

  test('keeps clauses apart that have no key, and knows who asks', async () => {
    const { calls, flights, ask } = shared({
      key: (clause, claim) => (claim?.tenant.id === 'alone' ? undefined : soundKey(clause)),
    })
    const { claim } = claimed({ tenant: { id: 'alone', weight: 1 } })
    ask({ claim })
    ask({ claim })
    expect([calls.length, flights.size]).toEqual([2, 0])
    expect(calls[0]!.options.claim).toBe(claim)
    ask(claimed())
    ask(claimed())
    expect([calls.length, flights.size]).toEqual([3, 1])
  })

  test('lets one join while it is being said, and hear it from the start', async () => {
    const { calls, flights, ask } = shared()
    const first = ask()
    calls[0]!.audio.resolve(pcmOf([counting(3), counting(3, 3), counting(3, 6)]))
    const leader = await first
    await nextOf(leader)
    await nextOf(leader)
    const joiner = await ask()
    expect(await heard(joiner)).toEqual([...counting(9)])
    expect(await heard(leader)).toEqual([6, 7, 8])
    expect([calls.length, flights.size]).toEqual([1, 0])
  })

  test('makes a new call once the audio has ended, though some are still listening', async () => {
    const { calls, flights, ask } = shared()
    const [fast, slow] = [ask(), ask()]
    calls[0]!.audio.resolve(pcmOf([counting(3), counting(3, 3)]))
    await heard(await fast)
    expect(flights.size).toBe(0)
    ask()
    expect(calls.length).toBe(2)
    expect(await heard(await slow)).toEqual([...counting(6)])
  })

  test('reads no further than the fastest of them asks', async () => {
    const { calls, ask } = shared()
    const asked = [ask(), ask(), ask()]
    const source = pcmOf(endless(10))
    calls[0]!.audio.resolve(source)
    const [a, b, c] = await Promise.all(asked)
    await settle()
    expect(source.pulls()).toBe(0)
    await Promise.all([nextOf(a!), nextOf(b!)])
    expect(source.pulls()).toBe(1)
    for (let i = 0; i < 4; i++) await nextOf(b!)
    for (let i = 0; i < 3; i++) await nextOf(a!)
    await nextOf(c!)
    expect(source.pulls()).toBe(5)
  })

  test('gives all the same samples, uncopied', async () => {
    const { calls, ask } = shared()
    const asked = [ask(), ask()]
    const samples = counting(4)
    calls[0]!.audio.resolve(pcmOf([samples]))
    for (const pcm of await Promise.all(asked)) expect(await nextOf(pcm)).toBe(samples)
  })

  test('frees what all have heard once nobody can join', async () => {
    const { calls, ask } = shared()
    const [fast, slow] = [ask(), ask()]
    const chunks: WeakRef<Samples>[] = []
    const source = function* () {
      for (let i = 0; i < 50; i++) {
        const chunk = counting(1000)
        chunks.push(new WeakRef(chunk))
        yield chunk
      }
    }
    calls.pop()!.audio.resolve(pcmOf(source()))
    await heard(await fast)
    const pcm = await slow
    for (let i = 0; i < 40; i++) await nextOf(pcm)
    let held = chunks.length
    for (let i = 0; i < 20 && held >= 30; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1)) // what was looked at stays for a turn
      Bun.gc(true)
      held = chunks.filter((chunk) => chunk.deref()).length
    }
    expect(held).toBeWithin(10, 30)
    let rest = 0
    while (await nextOf(pcm)) rest++
    expect(rest).toBe(10)
  })

  describe('when one leaves', () => {
    test('by their signal, before audio, takes out only them, at once and with their reason', async () => {
      const { calls, flights, ask } = shared()
      const { signal, leave } = leaving()
      const leader = ask({ signal })
      const follower = ask()
      leave()
      await expect(leader).rejects.toBe(left)
      expect([calls[0]!.options.signal.aborted, flights.size]).toEqual([false, 1])
      calls[0]!.audio.resolve(pcmOf([counting(4)]))
      expect(await heard(await follower)).toEqual([...counting(4)])
    })

    test('by their signal, while audio is being read for them, ends that read alone', async () => {
      const { calls, ask } = shared()
      const { signal, leave } = leaving()
      const [leader, follower] = [ask({ signal }), ask()]
      const more = Promise.withResolvers<Samples>()
      const source = pcmOf([])
      calls[0]!.audio.resolve(pulled({ read: () => more.promise, cancel: source.cancel }))
      const reads = [nextOf(await leader), nextOf(await follower)]
      leave()
      await expect(reads[0]!).rejects.toBe(left)
      await expect(nextOf(await leader)).rejects.toBe(left)
      more.resolve(counting(4))
      expect(await reads[1]!).toEqual(counting(4))
      expect(source.cancelled()).toBeUndefined()
    })

    test('by a cancel, settles at once and disturbs nobody', async () => {
      const { calls, ask } = shared()
      const asked = [ask(), ask()]
      const source = pcmOf([counting(4), counting(4, 4)])
      calls[0]!.audio.resolve(source)
      const [one, other] = await Promise.all(asked)
      await nextOf(one!)
      await one!.cancel(left)
      await expect(nextOf(one!)).rejects.toBe(left)
      expect(await heard(other!)).toEqual([...counting(8)])
      expect([source.cancelled(), source.pulls()]).toEqual([undefined, 3])
    })

    test('by stalling, keeps nobody else waiting', async () => {
      const { calls, ask } = shared()
      const [, other] = [ask(), ask()]
      calls[0]!.audio.resolve(pcmOf([counting(4), counting(4, 4)]))
      expect(await heard(await other!)).toEqual([...counting(8)])
    })

    test('and has nothing to ask for any more, asks for nothing', async () => {
      const { calls, ask } = shared()
      const { signal, leave } = leaving()
      const asked = [ask({ signal }), ask()]
      const source = pcmOf(endless(10))
      calls[0]!.audio.resolve(source)
      const [one] = await Promise.all(asked)
      leave()
      await nextOf(one!).catch(() => {})
      expect(source.pulls()).toBe(0)
    })
  })

  describe('when the last one leaves', () => {
    test('ends a call that has no audio yet, and lets them go at once', async () => {
      const { calls, flights, ask } = shared()
      const [one, other] = [leaving(), leaving()]
      const asked = [ask(one), ask(other)]
      one.leave(new Error('first'))
      other.leave()
      await expect(asked[1]!).rejects.toBe(left)
      expect(calls[0]!.options.signal.reason).toBe(left)
      expect(flights.size).toBe(0)
      const late = pcmOf([counting(4)])
      calls[0]!.audio.resolve(late)
      await settle()
      expect(late.cancelled()).toBe(left)
    })

    test('cancels the audio, and settles when the host is free: for the last one only', async () => {
      const { calls, flights, ask } = shared()
      const asked = [ask(), ask()]
      const source = pcmOf(endless(10))
      const { pcm, free } = draining(source)
      calls[0]!.audio.resolve(pcm)
      const [one, other] = await Promise.all(asked)
      expect(await settled(one!.cancel(new Error('first')))).toBe(true)
      const last = other!.cancel(left)
      expect(await settled(last)).toBe(false)
      expect([source.cancelled(), calls[0]!.options.signal.reason, flights.size]).toEqual([left, left, 0])
      free.resolve()
      await last
    })

    test('settles their cancel when the host is free, though their signal came before it', async () => {
      const { calls, ask } = shared()
      const { signal, leave } = leaving()
      const asked = ask({ signal })
      const { pcm, free } = draining(pcmOf(endless(10)))
      calls[0]!.audio.resolve(pcm)
      const only = await asked
      leave()
      const cancelled = only.cancel()
      expect(await settled(cancelled)).toBe(false)
      free.resolve()
      await cancelled
    })

    test('ends the call though they leave while it is being made', async () => {
      const { signal, leave } = leaving()
      let ended = false
      const synthesize = new SingleFlight().synthesize((_, options) => {
        leave()
        ended = options.signal.aborted
        return Promise.reject(options.signal.reason)
      })
      await expect(synthesize(clause, { signal })).rejects.toBe(left)
      expect(ended).toBe(true)
    })

    test('tells of a host that could not be freed only who asks', async () => {
      const { calls, ask } = shared()
      const { signal, leave } = leaving()
      const asked = ask({ signal })
      calls[0]!.audio.resolve({ ...pcmOf([]), cancel: () => Promise.reject(new Error('stuck')) })
      const pcm = await asked
      leave()
      await settle()
      await expect(pcm.cancel()).rejects.toThrow('stuck')
    })

    test('makes a new call for an equal clause, though the host is not free yet', async () => {
      const { calls, ask } = shared()
      const { signal, leave } = leaving()
      ask({ signal })
      leave()
      const next = ask()
      expect(calls.length).toBe(2)
      calls[0]!.audio.reject(left)
      calls[1]!.audio.resolve(pcmOf([counting(4)]))
      expect(await heard(await next)).toEqual([...counting(4)])
    })

    test('asks for no cancel of what has ended', async () => {
      const { calls, ask } = shared()
      const asked = [ask(), ask()]
      const source = pcmOf([counting(4)])
      calls[0]!.audio.resolve(source)
      const [fast, slow] = await Promise.all(asked)
      await heard(fast!)
      await slow!.cancel(left)
      expect(source.cancelled()).toBeUndefined()
      expect(calls[0]!.options.signal.aborted).toBe(false)
    })

    test('has a read that waits end, when no reason is given', async () => {
      const { calls, ask } = shared()
      const asked = ask()
      calls[0]!.audio.resolve(pulled({ read: () => new Promise(() => {}) }))
      const pcm = await asked
      const read = nextOf(pcm)
      await pcm.cancel()
      await expect(read).rejects.toThrow('Listener left')
    })
  })

  describe('when the call fails', () => {
    const failure = new SpeechError('no', { code: 'upstream', source: 'host', retryable: true })

    test('before audio, tells all of them and remembers nothing', async () => {
      const { calls, flights, ask } = shared()
      const asked = [ask(), ask(), ask()]
      calls[0]!.audio.reject(failure)
      for (const one of asked) await expect(one).rejects.toBe(failure)
      expect(flights.size).toBe(0)
      ask()
      expect(calls.length).toBe(2)
    })

    test('at once, remembers nothing', async () => {
      const flights = new SingleFlight()
      const synthesize = flights.synthesize(() => {
        throw failure
      })
      await expect(synthesize(clause, { signal: live() })).rejects.toBe(failure)
      expect(flights.size).toBe(0)
    })

    test('amid audio, tells each where they come to it, and remembers nothing', async () => {
      const { calls, flights, ask } = shared()
      const asked = [ask(), ask()]
      const source = pcmOf([counting(2), counting(2, 2)], { fails: failure })
      calls[0]!.audio.resolve(source)
      const [fast, slow] = await Promise.all(asked)
      await expect(heard(fast!)).rejects.toBe(failure)
      expect([flights.size, source.pulls()]).toEqual([0, 3])
      expect([await nextOf(slow!), await nextOf(slow!)]).toEqual([counting(2), counting(2, 2)])
      await expect(nextOf(slow!)).rejects.toBe(failure)
    })
  })

  describe('the claim of the call', () => {
    test('is that of the first, and outlives them', async () => {
      const { calls, ask } = shared()
      const [first, second] = [claimed({ request: 'one', priority: 2 }), claimed({ request: 'two' })]
      const { signal, leave } = leaving()
      ask({ ...first, signal })
      const follower = ask(second)
      const { claim } = calls[0]!.options
      expect(claim).toMatchObject({ request: 'one', tenant: { id: 't' }, priority: 2 })
      claim!.tell({ type: 'queued', host: 'h', ms: 1 })
      leave()
      claim!.tell({ type: 'first-audio', host: 'h', ms: 1 })
      calls[0]!.audio.resolve(pcmOf([]))
      await heard(await follower)
      claim!.tell({ type: 'said', host: 'h', ms: 1, audioSeconds: 1 })
      expect([first.told, second.told]).toEqual([['queued'], ['joined', 'first-audio', 'said']])
    })

    test('tells the last one what comes when they have left', async () => {
      const { calls, ask } = shared()
      const { claim, told } = claimed()
      const { signal, leave } = leaving()
      ask({ claim, signal })
      leave()
      calls[0]!.options.claim!.tell({ type: 'left', host: 'h', ms: 1 })
      calls[0]!.options.claim!.tell({ type: 'expired', host: 'h' })
      expect(told).toEqual(['left', 'expired'])
    })

    test('is as urgent as the most urgent who has joined, and lifts the call', async () => {
      const lifts: unknown[] = []
      const { calls, ask } = shared({ onLift: (clause, urgency) => lifts.push([clause, urgency]) })
      ask({ index: 3, ...claimed() })
      ask({ index: 4, ...claimed({ priority: -1 }) })
      expect(lifts).toEqual([])
      ask({ index: 5, ...claimed({ priority: 6 }) })
      ask({ index: 0, ...claimed({ priority: 1 }) })
      const { clause, options } = calls[0]!
      expect(lifts).toEqual([
        [clause, { index: 3, priority: 6 }],
        [clause, { index: 0, priority: 6 }],
      ])
      expect((lifts[0] as unknown[])[0]).toBe(clause)
      expect({ ...options.claim }.priority).toBe(6)
    })

    test('lifts no call that has audio', async () => {
      let lifts = 0
      const { calls, ask } = shared({ onLift: () => lifts++ })
      ask(claimed())
      calls[0]!.audio.resolve(pcmOf(endless(10)))
      await settle()
      await ask(claimed({ priority: 9 }))
      expect(lifts).toBe(0)
    })
  })

  describe('a deadline', () => {
    const timed = (options: SingleFlightOptions = {}) => {
      const clock = new FakeClock()
      return { clock, ...shared({ now: clock.now, setTimer: clock.setTimer, ...options }) }
    }

    test('ends the wait of the one whose it is alone', async () => {
      const { clock, calls, ask } = timed()
      const patient = ask(claimed())
      const hasty = ask(claimed({ deadlineAt: 100 }))
      await clock.advance(99)
      expect(await settled(hasty)).toBe(false)
      await clock.advance(1)
      await expect(hasty).rejects.toMatchObject({ code: 'timeout', source: 'proxy' })
      expect(calls[0]!.options.signal.aborted).toBe(false)
      calls[0]!.audio.resolve(pcmOf([counting(4)]))
      expect(await heard(await patient)).toEqual([...counting(4)])
      expect(clock.timers).toBe(0)
    })

    test('of the first one does not end the call for those with more time', async () => {
      const { clock, calls, ask } = timed()
      const hasty = ask(claimed({ deadlineAt: 100 }))
      const { claim } = calls[0]!.options
      expect(claim!.deadlineAt).toBe(100)
      const patient = ask(claimed({ deadlineAt: 300 }))
      expect(claim!.deadlineAt).toBe(300)
      const hastier = ask(claimed({ deadlineAt: 50 }))
      expect(claim!.deadlineAt).toBe(300)
      await clock.advance(100)
      await expect(hasty).rejects.toMatchObject({ code: 'timeout' })
      await expect(hastier).rejects.toMatchObject({ code: 'timeout' })
      calls[0]!.audio.resolve(pcmOf([counting(4)]))
      await clock.advance(1000)
      expect(await heard(await patient)).toEqual([...counting(4)])
      ask(claimed({ deadlineAt: 1200 }))
      ask(claimed())
      expect(calls[1]!.options.claim!.deadlineAt).toBeUndefined()
    })

    test('of one who is alone is left to the queue', async () => {
      const { clock, ask } = timed()
      const only = ask(claimed({ deadlineAt: 100 }))
      await clock.advance(200)
      expect(await settled(only)).toBe(false)
    })

    test('that has passed already ends it at once', async () => {
      const { ask } = shared()
      const patient = ask(claimed())
      await expect(ask(claimed({ deadlineAt: 0, priority: 1 }))).rejects.toMatchObject({ code: 'timeout' })
      expect(await settled(patient)).toBe(false)
    })

    test('is for first audio: no more counts once that is there, and it is not for later clauses', async () => {
      const { clock, calls, ask } = timed()
      const first = ask(claimed({ deadlineAt: 100 }))
      const later = ask({ index: 2, ...claimed({ deadlineAt: 100 }) })
      expect(calls[0]!.options.claim!.deadlineAt).toBeUndefined()
      await clock.advance(100)
      await expect(first).rejects.toMatchObject({ code: 'timeout' })
      calls[0]!.audio.resolve(pcmOf([counting(4)]))
      await settle()
      const joined = await ask(claimed({ deadlineAt: 100 }))
      await clock.advance(1000)
      expect(await heard(joined)).toEqual([...counting(4)])
      expect(await heard(await later)).toEqual([...counting(4)])
    })
  })

  test('keeps no hold of a signal once the audio is heard or has failed', async () => {
    const { calls, ask } = shared()
    const { signal, leave } = leaving()
    let listeners = 0
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...args: unknown[]) => {
      listeners++
      addEventListener.apply(signal, args as Parameters<typeof addEventListener>)
    }
    signal.removeEventListener = (...args: unknown[]) => {
      listeners--
      removeEventListener.apply(signal, args as Parameters<typeof removeEventListener>)
    }
    const heardIt = ask({ signal })
    calls[0]!.audio.resolve(pcmOf([counting(4)]))
    await heard(await heardIt)
    const failed = ask({ signal })
    calls[1]!.audio.reject(left)
    await failed.catch(() => {})
    const cut = ask({ signal })
    calls[2]!.audio.resolve(pcmOf([counting(4)], { fails: left }))
    await heard(await cut).catch(() => {})
    expect(listeners).toBe(0)
    leave()
    await expect(ask({ signal })).rejects.toBe(left)
    expect(calls.length).toBe(3)
  })

  test('gives all who stay every sample once, in order, whoever comes, leaves or dawdles', async () => {
    const visitor = fc.record({
      comesAt: fc.nat(30),
      leavesAfter: fc.option(fc.nat(12), { nil: undefined }),
      bySignal: fc.boolean(),
      dawdles: fc.nat(4),
    })
    const chunks = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 15 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(visitor, { minLength: 1, maxLength: 12 }),
        chunks,
        fc.nat(3),
        async (visitors, lengths, lag) => {
          const turn = async (count: number) => {
            for (let i = 0; i < count; i++) await null
          }
          let at = 0
          const audio = lengths.map((length) => counting(length, (at += length) - length))
          const whole = [...counting(at)]
          let running = 0
          const flights = new SingleFlight()
          const synthesize = flights.synthesize(async () => {
            running++
            await turn(lag * 3)
            const source = pcmOf(audio.map((chunk) => chunk.slice()))
            let isFree = false
            const free = () => {
              if (!isFree) running--
              isFree = true
            }
            let reading = false
            return pulled({
              async read() {
                if (reading) throw new Error('two reads at a time')
                reading = true
                await turn(lag)
                const samples = await nextOf(source)
                reading = false
                if (!samples) free()
                return samples
              },
              async cancel() {
                await turn(lag)
                free()
              },
            })
          })
          const visit = async ({ comesAt, leavesAfter, bySignal, dawdles }: (typeof visitors)[number]) => {
            await turn(comesAt * 3)
            const { signal, leave } = leaving()
            const pcm = await synthesize(clause, { signal })
            const got: number[] = []
            for (let reads = 0; ; reads++) {
              if (reads === leavesAfter) {
                if (bySignal) leave()
                else await pcm.cancel(left)
                expect(got).toEqual(whole.slice(0, got.length))
                return
              }
              await turn(dawdles * 5)
              const samples = await nextOf(pcm)
              if (!samples) break
              got.push(...samples)
            }
            expect(got).toEqual(whole)
          }
          await Promise.all(visitors.map(visit))
          await settle()
          expect([flights.size, running]).toEqual([0, 0])
        },
      ),
    )
  })
})
