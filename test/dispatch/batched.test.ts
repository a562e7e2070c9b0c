import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { batched } from '../../src/dispatch/batched.ts'
import { SpeechError } from '../../src/errors.ts'
import { Breaker } from '../../src/guard/breaker.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Clause, Guard, Pcm, Signal } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { settle } from '../fakes/clock.ts'
import { counting, pcmOf, type ScriptedPcm } from '../fakes/samples.ts'
import { claimOf, laneOf } from './lane-of.ts'

interface Call {
  readonly texts: string[]
  readonly signal: Signal
  /** Says all of it, each text as one sample of its number; or ends as told. */
  readonly say: (results?: readonly (Pcm | Error)[]) => void
  readonly fail: (error: Error) => void
  readonly audio: ScriptedPcm[]
}

interface RigOptions {
  size?: number
  max?: number
  preferred?: number[]
  guards?: Guard[]
}

/** A host that takes many texts in one call and says them when it is told to. */
function rigOf({ size = 1, max = 8, preferred = [], guards = [] }: RigOptions = {}) {
  const calls: Call[] = []
  const sizes: number[] = []
  const rig = laneOf({ size, batch: { max, preferred, maxDelayMs: 30 } })
  const synthesize = (clauses: readonly Clause[], { signal }: { readonly signal: Signal }) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly (Pcm | Error)[]>()
    const texts = clauses.map(({ text }) => text)
    const audio = texts.map((text) => pcmOf([counting(1, Number(text))]))
    const say = (results: readonly (Pcm | Error)[] = audio) => resolve(results)
    calls.push({ texts, signal, say, fail: reject, audio })
    return promise
  }
  const { lane, clock } = rig
  const speak = batched({ synthesize }, { lane, guards, onBatch: (n) => sizes.push(n), now: clock.now })
  /** Asks for a text that is a number; gives that number back when it was said. */
  const ask = async (n: number, rest: Partial<Clause> = {}, signal = new AbortController().signal) => {
    const pcm = await speak(clauseOf(`${n}`, { index: 1, ...rest }), {
      signal,
      claim: claimOf({ request: `${n}` }),
    })
    return (await nextOf(pcm))?.[0]
  }
  return { ...rig, ask, calls, sizes, speak }
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const outcomes = async (asked: Promise<unknown>[]) =>
  (await Promise.allSettled(asked)).map((each) =>
    each.status === 'fulfilled' ? each.value : (each.reason as Error).message,
  )

describe('batched()', () => {
  test('gives an idle host at once what came at the same moment', async () => {
    const { ask, calls, sizes, clock } = rigOf()
    const asked = range(1, 5).map((n) => ask(n))
    await settle()
    expect(calls.map(({ texts }) => texts)).toEqual([['1', '2', '3', '4', '5']])
    calls[0]!.say()
    expect(await Promise.all(asked)).toEqual([1, 2, 3, 4, 5])
    expect([sizes, clock.now(), clock.timers]).toEqual([[5], 0, 0])
  })

  test('puts together what has come while all places were taken, up to the most in a call', async () => {
    const { ask, calls, lane, sizes } = rigOf({ max: 4 })
    ask(0)
    await settle()
    const asked = range(1, 6).map((n) => ask(n))
    await settle()
    expect([lane.taken, lane.waiting, lane.load]).toEqual([1, 6, 2.5])
    calls[0]!.say()
    await settle()
    calls[1]!.say()
    await settle()
    calls[2]!.say()
    expect(await Promise.all(asked)).toEqual(range(1, 6))
    expect(sizes).toEqual([1, 4, 2])
    expect(lane.taken).toBe(0)
  })

  test('lets what is urgent leave first, in the order of the queue', async () => {
    const { ask, calls } = rigOf({ max: 3 })
    ask(0)
    await settle()
    const asked = [ask(1), ask(2), ask(3, { spoken: 'Really?' }), ask(4, { index: 0 })]
    await settle()
    calls[0]!.say()
    await settle()
    expect(calls[1]!.texts).toEqual(['4', '3', '1'])
    calls[1]!.say()
    await settle()
    calls[2]!.say()
    expect(await Promise.all(asked)).toEqual([1, 2, 3, 4])
  })

  test('puts only those together that are said in the same manner', async () => {
    const { ask, calls } = rigOf()
    ask(0)
    await settle()
    const manners = [
      {},
      { voice: 'w' },
      { speed: 2 },
      { seed: 7 },
      { language: 'zh' },
      { instructions: 'Softly.' },
    ]
    for (const [n, manner] of manners.entries()) {
      ask(10 + n, manner)
      ask(20 + n, manner)
    }
    await settle()
    for (let i = 0; i <= manners.length; i++) {
      calls[i]!.say()
      await settle()
    }
    expect(calls.slice(1).map(({ texts }) => texts)).toEqual(
      manners.map((_, n) => [`${10 + n}`, `${20 + n}`]),
    )
  })

  test('waits for company while a call runs and clauses keep coming, until a preferred size', async () => {
    const { ask, calls, sizes, clock } = rigOf({ size: 2, preferred: [4] })
    ask(0)
    await settle()
    for (let n = 1; n <= 4; n++) {
      await clock.advance(2)
      expect(calls.length).toBe(1)
      ask(n)
    }
    await settle()
    expect([sizes, clock.now()]).toEqual([[1, 4], 8])
  })

  test('waits anew for each call', async () => {
    const { ask, calls, sizes, clock } = rigOf({ size: 3, preferred: [4] })
    ask(0)
    for (let n = 1; n <= 24; n++) {
      await clock.advance(2)
      ask(n)
      for (const { say, texts } of calls.slice(1)) if (texts.length === 4) say()
    }
    await settle()
    expect(sizes).toEqual([1, ...Array(6).fill(4)])
  })

  test('goes without company that does not come', async () => {
    const { ask, calls, sizes, clock } = rigOf({ size: 2 })
    ask(0)
    await clock.advance(2)
    ask(1)
    await clock.advance(14)
    expect(calls.length).toBe(1)
    await clock.advance(10)
    expect(sizes).toEqual([1, 1])
  })

  test('does not wait when clauses come too seldom', async () => {
    const { ask, sizes, clock } = rigOf({ size: 2 })
    ask(0)
    await clock.advance(100)
    ask(1)
    await settle()
    expect([sizes, clock.now()]).toEqual([[1, 1], 100])
  })

  test('stops waiting when the host becomes idle', async () => {
    const { ask, calls, sizes, clock } = rigOf({ size: 2 })
    ask(0)
    await clock.advance(2)
    ask(1)
    await settle()
    expect(sizes).toEqual([1])
    calls[0]!.say()
    await settle()
    expect([sizes, clock.now()]).toEqual([[1, 1], 2])
  })

  test('fails alone what failed alone', async () => {
    const { ask, calls, lane } = rigOf()
    const asked = range(1, 4).map((n) => ask(n))
    await settle()
    const { audio } = calls[0]!
    calls[0]!.say([audio[0]!, new Error('bad text'), audio[2]!])
    expect(await outcomes(asked)).toEqual([1, 'bad text', 3, 'Host gave no result for text 4 of its batch'])
    expect(lane.taken).toBe(0)
  })

  test('fails all when the call fails, each of which may be asked for again', async () => {
    const { ask, calls, lane } = rigOf()
    const asked = [ask(1), ask(2)]
    await settle()
    const busy = { code: 'unavailable', source: 'host', retryable: true, retryAfterMs: 500 } as const
    calls[0]!.fail(new SpeechError('busy', busy))
    for (const each of await Promise.allSettled(asked)) {
      expect(each).toMatchObject({ reason: { ...busy, message: 'Batch call failed: busy' } })
    }
    expect(lane.taken).toBe(0)
  })

  test("gives a call of one its host's own error", async () => {
    const { ask, calls } = rigOf()
    const asked = ask(1)
    await settle()
    const error = new SpeechError('no such voice', { code: 'not-found', source: 'client' })
    calls[0]!.fail(error)
    await expect(asked).rejects.toBe(error)
  })

  test('asks for each by itself after a call whose texts may be at fault', async () => {
    const { speak, calls, sizes } = rigOf()
    const clauses = range(1, 3).map((n) => clauseOf(`${n}`, { index: 1 }))
    const askAll = () => clauses.map((clause) => speak(clause, { signal: new AbortController().signal }))
    const asked = askAll()
    for (const i of [0, 1, 2]) {
      await settle()
      calls[i]!.fail(new SpeechError('400', { code: 'invalid', source: 'client' }))
    }
    for (const each of await Promise.allSettled(asked)) {
      expect(each).toMatchObject({ reason: { code: 'upstream', source: 'host', retryable: true } })
    }
    const again = askAll()
    for (const i of [3, 4, 5]) {
      await settle()
      calls[i]!.say()
    }
    await Promise.all(again)
    expect(sizes).toEqual([3, 2, 1, 1, 1, 1])
  })

  test('finds the one text that fails its call by halves, and fails that alone', async () => {
    const { ask, calls, sizes, lane } = rigOf()
    const asked = range(1, 8).map((n) => ask(n))
    const bad = new SpeechError('500', { code: 'upstream', source: 'host', retryable: true })
    for (let i = 0; i < 7; i++) {
      await settle()
      expect(lane.taken).toBe(1)
      if (calls[i]!.texts.includes('6')) calls[i]!.fail(bad)
      else calls[i]!.say()
    }
    const said = await Promise.allSettled(asked)
    expect(said.map((each) => (each.status === 'fulfilled' ? each.value : each.reason))).toEqual(
      range(1, 8).map((n) => (n === 6 ? bad : n)),
    )
    expect([sizes, calls.length, lane.taken]).toEqual([[8, 4, 4, 2, 2, 1, 1], 7, 0])
  })

  test('asks no more in halves for those who have left, and for nobody once all have', async () => {
    const { ask, calls, lane } = rigOf()
    const leaving = range(1, 4).map(() => new AbortController())
    const asked = outcomes(leaving.map(({ signal }, i) => ask(i + 1, {}, signal)))
    await settle()
    leaving[0]!.abort(new Error('left'))
    leaving[2]!.abort(new Error('left'))
    calls[0]!.fail(new SpeechError('500', { code: 'upstream', source: 'host', retryable: true }))
    await settle()
    expect(calls[1]!.texts).toEqual(['2'])
    for (const each of leaving) each.abort(new Error('left'))
    calls[1]!.fail(new Error('aborted'))
    expect(await asked).toEqual(['left', 'left', 'left', 'left'])
    await settle()
    expect([calls.length, lane.taken]).toEqual([2, 0])
  })

  test('lets go who leaves, and aborts the call only when all have', async () => {
    const { ask, calls, lane } = rigOf()
    const leaving = range(0, 2).map(() => new AbortController())
    const asked = leaving.map(({ signal }, n) => ask(n, {}, signal))
    await settle()
    leaving[0]!.abort(new Error('left'))
    await expect(asked[0]).rejects.toThrow('left')
    expect([calls[0]!.signal.aborted, lane.taken]).toEqual([false, 1])
    leaving[1]!.abort(new Error('left'))
    leaving[2]!.abort(new Error('left too'))
    await Promise.allSettled(asked)
    expect([calls[0]!.signal.reason, lane.taken]).toEqual([new Error('left too'), 1])
    calls[0]!.fail(new Error('aborted'))
    await settle()
    expect(lane.taken).toBe(0)
  })

  test('drops the audio of who has left, and gives the others theirs', async () => {
    const { ask, calls } = rigOf()
    const leaving = new AbortController()
    const asked = [ask(1), ask(2, {}, leaving.signal), ask(3)]
    await settle()
    leaving.abort(new Error('left'))
    calls[0]!.say()
    expect(await outcomes(asked)).toEqual([1, 'left', 3])
    expect(calls[0]!.audio.map(({ cancelled }) => cancelled() !== undefined)).toEqual([false, true, false])
  })

  test('calls nobody for those who left as their place came, or whom a guard refused', async () => {
    const refuse: Guard = (next) => async (clause, options) => {
      if (clause.text === '2') throw new Error('refused')
      return next(clause, options)
    }
    const { ask, calls, lane } = rigOf({ guards: [refuse] })
    const both = outcomes([ask(1), ask(2)])
    await settle()
    expect(calls[0]!.texts).toEqual(['1'])
    calls[0]!.say()
    expect(await both).toEqual([1, 'refused'])
    const leaving = new AbortController()
    const gone = ask(3, {}, leaving.signal)
    queueMicrotask(() => leaving.abort(new Error('left')))
    await expect(gone).rejects.toThrow('left')
    await expect(ask(2)).rejects.toThrow('refused')
    expect([calls.length, lane.taken]).toEqual([1, 0])
  })

  test('counts a call that fails as one failed request', async () => {
    const breaker = new Breaker('gpu')
    const { ask, calls } = rigOf({ guards: [breaker.guard] })
    for (const i of [0, 1]) {
      const asked = range(1, 8).map((n) => ask(n))
      for (const part of [0, 1, 2]) {
        await settle()
        calls[3 * i + part]!.fail(
          new SpeechError('died', { code: 'upstream', source: 'host', retryable: true }),
        )
      }
      await Promise.allSettled(asked)
      expect(breaker.state).toBe('closed')
    }
  })

  test('teaches the lane how long a call takes, and has it reckon in calls', async () => {
    const { ask, calls: host, clock, lane } = rigOf({ max: 2 })
    const rig = rigOf({ max: 2 })
    const asked = [rig.ask(1), rig.ask(2)]
    await rig.clock.advance(40)
    rig.calls[0]!.say()
    await Promise.all(asked)
    expect(rig.calls.length).toBe(1)
    expect(rig.done).toEqual([{ characters: 75, ms: 40 }])
    ask(0)
    await clock.advance(1)
    expect(lane.backlogMs).toBe(0)
    for (const n of range(1, 4)) {
      ask(n)
      await clock.advance(1)
      expect(lane.backlogMs).toBe(75 * Math.floor(n / 2)) // the calls that go before
    }
    expect(host.length).toBe(1)
  })

  test('needs nothing but a lane', async () => {
    const { lane } = laneOf({ batch: { max: 2, preferred: [], maxDelayMs: 30 } })
    const synthesize = async (clauses: readonly Clause[]) => clauses.map(() => pcmOf([counting(1)]))
    const speak = batched({ synthesize }, { lane })
    const pcm = await speak(clauseOf('A.'), { signal: new AbortController().signal })
    expect(await nextOf(pcm)).toEqual(counting(1))
  })

  test('gives each its own audio and loses no place, whoever leaves and fails when', async () => {
    const step = fc.record({
      what: fc.constantFrom('ask', 'ask', 'ask', 'leave', 'say', 'say some', 'fail', 'wait'),
      which: fc.nat(20),
      voice: fc.constantFrom('v', 'w'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { ask, calls, lane, clock } = rigOf({ size: 2, max: 3, preferred: [2] })
        const leaving: AbortController[] = []
        const asked: Promise<unknown>[] = []
        let answered = 0
        const answer = (what: string) => {
          const call = calls[answered]
          if (!call) return
          answered++
          if (what === 'fail' || call.signal.aborted) call.fail(new Error('failed'))
          else call.say(what === 'say' ? call.audio : [new Error('failed'), ...call.audio.slice(1)])
        }
        for (const { what, which, voice } of steps) {
          if (what === 'ask') {
            leaving.push(new AbortController())
            asked.push(ask(leaving.length, { voice }, leaving.at(-1)!.signal).catch(() => 'failed'))
          } else if (what === 'leave') leaving[which % Math.max(1, leaving.length)]?.abort()
          else if (what === 'wait') await clock.advance(which)
          else answer(what)
          if (which % 4 === 0) await settle()
        }
        await clock.advance(100)
        while (answered < calls.length) {
          answer('say')
          await clock.advance(100)
        }
        const given = await Promise.all(asked)
        for (const [i, each] of given.entries()) expect(['failed', i + 1]).toContain(each as string)
        expect([lane.taken, lane.waiting, clock.timers]).toEqual([0, 0, 0])
      }),
      { numRuns: 60 },
    )
  })
})
