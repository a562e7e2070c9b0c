import { describe, expect, test } from 'bun:test'
import { Lookahead } from '../../src/dispatch/lookahead.ts'
import { Schedule } from '../../src/dispatch/schedule.ts'
import type { Spoken } from '../../src/pcm/heard.ts'
import { SpoolBudget } from '../../src/pcm/spool-budget.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Clause, Pcm, Signal, Synthesize } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { settle } from '../fakes/clock.ts'
import { counting, endless, pcmOf } from '../fakes/samples.ts'
import { readFrom } from '../fakes/supply.ts'

function scheduled(clauses: Iterable<Clause>, synthesize: Synthesize, { seconds = 6, ahead = 2 } = {}) {
  const budget = new SpoolBudget({ bytes: 1e9, stallMs: 1e6 })
  const lookahead = new Lookahead({ seconds, clauses: ahead, pace: 'fast', budget })
  const schedule = new Schedule({ synthesize, lookahead, budget, spoolSeconds: 60 })
  return { spoken: begun(schedule, clauses), schedule, budget }
}

/** Begins clauses once the first is asked for, and asks for no more once it is returned. */
async function* begun(schedule: Schedule, clauses: Iterable<Clause>): AsyncGenerator<Spoken, void> {
  schedule.begin(clauses)
  try {
    for (let next = await nextOf(schedule); next; next = await nextOf(schedule)) yield next
  } finally {
    schedule[Symbol.dispose]()
  }
}

const clausesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => clauseOf('Hello there, my dear old friend.', { index }))
const readWhole = async ({ spool }: Spoken) => {
  const audio = await spool
  while (await readFrom(audio, 1e6)) {}
}

describe('Schedule', () => {
  test('hands clauses on in order while several are being said', async () => {
    let [running, most] = [0, 0]
    const { spoken } = scheduled(clausesOf(6), async ({ index }) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, index === 0 ? 15 : 1))
      running--
      return pcmOf([counting(10)])
    })
    const order: number[] = []
    for await (const next of spoken) {
      order.push(next.clause.index)
      await readWhole(next)
    }
    expect(order).toEqual([0, 1, 2, 3, 4, 5])
    expect(most).toBe(2)
  })

  test('goes on after a clause that is over at once, with nothing in it', async () => {
    const nothing: Pcm = {
      rate: 24_000,
      speed: 1,
      isOver: true,
      take: () => undefined,
      wait: async () => {},
      cancel: async () => {},
    }
    const { spoken } = scheduled(clausesOf(3), async ({ index }) =>
      index === 0 ? nothing : pcmOf([counting(10)]),
    )
    const order: number[] = []
    for await (const next of spoken) {
      order.push(next.clause.index)
      await readWhole(next)
    }
    expect(order).toEqual([0, 1, 2])
  })

  test('stops asking hosts when nobody listens', async () => {
    let calls = 0
    const { spoken, schedule } = scheduled(clausesOf(100), async () => {
      calls++
      return pcmOf([counting(48_000)]) // 2 s
    })
    const first = await spoken.next()
    await settle()
    expect(calls).toBe(3) // 6 s ahead
    await readWhole(first.value as Spoken)
    await settle()
    expect(calls).toBe(4)
    schedule.stop(new Error('left'))
  })

  test('reports a clause’s failure in its turn', async () => {
    const { spoken } = scheduled(clausesOf(2), async ({ index }) => {
      if (index === 1) throw new Error('host died')
      return pcmOf([counting(10)])
    })
    await readWhole((await spoken.next()).value as Spoken)
    await expect(((await spoken.next()).value as Spoken).spool).rejects.toThrow('host died')
  })

  test('ends what comes after a clause that cannot be said, begins no more, and hands on what comes before', async () => {
    const asked: number[] = []
    const [failed, later] = [Promise.withResolvers<never>(), pcmOf(endless(2400))]
    const synthesize: Synthesize = ({ index }) => {
      asked.push(index)
      if (index === 1) return failed.promise
      return Promise.resolve(index === 0 ? pcmOf([counting(10)]) : later)
    }
    const { spoken } = scheduled(clausesOf(9), synthesize, { ahead: 3, seconds: 60 })
    const first = await spoken.next()
    await settle()
    const before = [...asked]
    failed.reject(new Error('host died'))
    await settle()
    expect(later.cancelled()).toMatchObject({ code: 'cancelled', source: 'client' })
    await readWhole(first.value as Spoken)
    await settle()
    await expect(((await spoken.next()).value as Spoken).spool).rejects.toThrow('host died')
    expect(asked).toEqual(before)
  })

  test('ends host calls and drops what waits when it is stopped', async () => {
    const signals: Signal[] = []
    const audio = [pcmOf(endless(2400)), pcmOf(endless(2400))]
    const { spoken, schedule, budget } = scheduled(clausesOf(2), async ({ index }, { signal }) => {
      signals.push(signal)
      return audio[index]!
    })
    const first = await spoken.next()
    const spool = await (first.value as Spoken).spool
    await settle()
    schedule.stop(new Error('left'))
    await settle()
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
    expect(audio[0]!.cancelled()).toEqual(new Error('left'))
    expect(budget.used).toBe(0)
    await expect(readFrom(spool, 1)).rejects.toThrow('left')
  })

  test('carries an error of its source', async () => {
    const { spoken } = scheduled(
      (function* () {
        yield clauseOf('One.')
        throw new Error('text broke')
      })(),
      async () => pcmOf([counting(1)]),
    )
    await spoken.next().catch(() => {})
    await expect(spoken.next()).rejects.toThrow('text broke')
  })

  test('stops taking text when its listener leaves', async () => {
    let [given, returned] = [0, false]
    const { spoken } = scheduled(
      (function* () {
        try {
          for (;;) yield clauseOf('More.', { index: given++ })
        } finally {
          returned = true
        }
      })(),
      async () => pcmOf([counting(24_000)]),
    )
    await spoken.next()
    await spoken.return()
    await settle()
    expect(returned).toBe(true)
    expect(given).toBeLessThan(12)
  })

  test('refuses a first clause for whose audio there is no room, at once', async () => {
    const budget = new SpoolBudget({ bytes: 100_000, stallMs: 1e6 })
    budget.use(100_000)
    const lookahead = new Lookahead({ seconds: 6, clauses: 2, pace: 'fast', budget })
    const synthesize = async () => pcmOf([counting(1)])
    const clauses = [clauseOf('This is a sentence that takes its time.')]
    const schedule = new Schedule({ synthesize, lookahead, budget, spoolSeconds: 60 })
    const spoken = begun(schedule, clauses)
    await expect(spoken.next()).rejects.toMatchObject({ code: 'overloaded' })
  })

  test('does not take a clause for stalled whose turn is yet to come', async () => {
    let now = 0
    const budget = new SpoolBudget({ bytes: 1e9, stallMs: 1e6, now: () => now })
    const lookahead = new Lookahead({ seconds: 60, clauses: 2, pace: 'fast', budget })
    const synthesize = async () => pcmOf([counting(2400)])
    const schedule = new Schedule({ synthesize, lookahead, budget, spoolSeconds: 60 })
    const spoken = begun(schedule, clausesOf(2))
    const first = await ((await spoken.next()).value as Spoken).spool
    const second = await ((await spoken.next()).value as Spoken).spool
    now = 500
    await readFrom(first, 100)
    expect(second.touchedAt).toBe(500)
  })

  test('takes no clause for one who has left before it begins', async () => {
    let taken = 0
    const clauses = (function* () {
      taken++
      yield clauseOf('One.')
    })()
    const { spoken, schedule } = scheduled(clauses, async () => pcmOf([counting(100)]))
    schedule.stop(new Error('left'))
    await expect(spoken.next()).rejects.toThrow('left')
    await settle()
    expect(taken).toBe(0)
  })

  test('asks for nothing on behalf of one who leaves just as a clause is cut', async () => {
    const signals: Signal[] = []
    let leave = () => {}
    const clauses = (function* () {
      leave()
      yield clauseOf('One.')
    })()
    const { spoken, schedule } = scheduled(clauses, async (_, { signal }) => {
      signals.push(signal)
      signal.throwIfAborted()
      return pcmOf([counting(100)])
    })
    leave = () => schedule.stop(new Error('left'))
    await expect(Array.fromAsync(spoken)).rejects.toThrow('left')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  test('has the first clause’s call leave before the second one’s is made', async () => {
    const order: string[] = []
    const { spoken } = scheduled(clausesOf(2), async ({ index }) => {
      order.push(`asked ${index}`)
      for (let i = 0; i < 20; i++) await undefined
      order.push(`left ${index}`)
      return pcmOf([counting(100)])
    })
    for await (const each of spoken) await readWhole(each)
    expect(order).toEqual(['asked 0', 'left 0', 'asked 1', 'left 1'])
  })
})
