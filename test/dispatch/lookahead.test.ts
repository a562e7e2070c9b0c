import { describe, expect, test } from 'bun:test'
import { Lookahead, type LookaheadOptions } from '../../src/dispatch/lookahead.ts'
import { SpoolBudget } from '../../src/pcm/spool-budget.ts'
import { FakeClock, settle } from '../fakes/clock.ts'

function lookaheadOf(options: Partial<LookaheadOptions> = {}) {
  const clock = new FakeClock()
  const budget = new SpoolBudget({ bytes: 100e6, stallMs: 1, now: clock.now, every: clock.every })
  const { now, setTimer } = clock
  return {
    clock,
    budget,
    lookahead: new Lookahead({ seconds: 6, clauses: 2, pace: 'fast', budget, now, setTimer, ...options }),
  }
}

async function mayAsk(lookahead: Lookahead): Promise<boolean> {
  let may = false
  lookahead.room().then(() => (may = true))
  await settle()
  return may
}

describe('Lookahead', () => {
  test('asks for no more clauses at once than it may', async () => {
    const { lookahead } = lookaheadOf()
    lookahead.ask(1)
    expect(await mayAsk(lookahead)).toBe(true)
    const second = lookahead.ask(1)
    expect(await mayAsk(lookahead)).toBe(false)
    second.ended()
    expect(await mayAsk(lookahead)).toBe(true)
  })

  test('asks for no audio past its seconds, by estimate at first and by what came then', async () => {
    const { lookahead } = lookaheadOf()
    const ask = lookahead.ask(7)
    expect(await mayAsk(lookahead)).toBe(false)
    ask.arrived(4)
    expect(lookahead.ahead).toBe(7)
    ask.ended()
    expect(lookahead.ahead).toBe(4)
    expect(await mayAsk(lookahead)).toBe(true)
    lookahead.ask(1).arrived(3)
    expect(lookahead.ahead).toBe(7)
    expect(await mayAsk(lookahead)).toBe(false)
  })

  test('goes on when the listener has taken audio', async () => {
    const { lookahead } = lookaheadOf()
    const ask = lookahead.ask(0)
    ask.arrived(8)
    ask.ended()
    let went = false
    lookahead.room().then(() => (went = true))
    await settle()
    expect(went).toBe(false)
    lookahead.took(2.5)
    await settle()
    expect(went).toBe(true)
  })

  test('never waits when the listener has nothing left to hear, however long the clause was', async () => {
    const { lookahead } = lookaheadOf({ seconds: 0 })
    const ask = lookahead.ask(3)
    ask.arrived(30)
    ask.ended()
    expect(await mayAsk(lookahead)).toBe(false)
    for (let i = 0; i < 300; i++) lookahead.took(0.1)
    expect(await mayAsk(lookahead)).toBe(true)
  })

  test('asks for nothing while the budget is tight, but for a listener who waits with nothing left', async () => {
    const { lookahead, budget } = lookaheadOf()
    budget.use(60e6)
    expect(await mayAsk(lookahead)).toBe(false)
    lookahead.want(true)
    expect(await mayAsk(lookahead)).toBe(true)
    budget.use(40e6)
    expect(await mayAsk(lookahead)).toBe(false)
  })

  test('does not read ahead while the budget is tight', async () => {
    const { lookahead, budget } = lookaheadOf()
    lookahead.ask(1)
    budget.use(50e6)
    let went = false
    lookahead.room().then(() => (went = true))
    await settle()
    expect(went).toBe(false)
    budget.use(-10e6)
    await settle()
    expect(went).toBe(true)
  })

  test('at real time, counts audio as heard no sooner than the clock allows', async () => {
    const { lookahead, clock } = lookaheadOf({ pace: 'realtime' })
    const ask = lookahead.ask(0)
    ask.arrived(10)
    ask.ended()
    lookahead.took(9) // a socket took it, nobody can have heard it
    let went = false
    lookahead.room().then(() => (went = true))
    await clock.advance(3_900)
    expect(went).toBe(false)
    await clock.advance(200)
    expect(went).toBe(true)
    expect(clock.timers).toBe(0)
  })

  test('has stalled listeners looked for when the budget fills up while it waits', async () => {
    const { lookahead, budget, clock } = lookaheadOf({ clauses: 1 })
    lookahead.ask(1).ended()
    lookahead.ask(1)
    const waiting = lookahead.room()
    budget.use(90e6)
    const failures: unknown[] = []
    budget.enter({ isFull: false, touchedAt: -1, fail: (reason) => failures.push(reason) })
    await clock.advance(1)
    expect(failures).toHaveLength(1)
    lookahead.stop(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    expect(clock.timers).toBe(0)
  })

  test('promises the budget nothing more once all is said, to the byte', () => {
    const { lookahead, budget } = lookaheadOf()
    let promised = 0
    budget.promise = (bytes) => void (promised += bytes)
    for (let i = 1; i <= 1000; i++) {
      const ask = lookahead.ask(i / 7)
      ask.arrived(i / 11)
      ask.ended()
    }
    expect(promised).toBe(0)
  })

  test('has the budget reckon with a first clause from its first audio on', () => {
    const { lookahead, budget } = lookaheadOf()
    const first = lookahead.ask(1_000, { isFirst: true })
    expect([lookahead.ahead, budget.ease]).toEqual([1_000, 1])
    first.arrived(1)
    expect(budget.isTight).toBe(false)
    expect(budget.ease).toBeCloseTo(1 - (2 * 999 * 48_000) / 100e6)
    first.ended()
    expect(budget.ease).toBe(1)
    lookahead.ask(1_000)
    expect(budget.ease).toBeLessThan(1)
  })

  test('lets no more go than there is room for when many wait for the same', async () => {
    const { budget, clock } = lookaheadOf()
    const { now, setTimer } = clock
    budget.use(90e6)
    let went = 0
    for (let i = 0; i < 100; i++) {
      const lookahead = new Lookahead({ seconds: 6, clauses: 2, pace: 'fast', budget, now, setTimer })
      lookahead.want(true)
      lookahead.room(10).then(() => {
        lookahead.ask(10)
        went++
      })
    }
    await settle()
    expect(went).toBe(0)
    budget.use(-20e6)
    await settle()
    expect(went).toBe(Math.ceil((87.5e6 - 70e6) / 480_000))
  })

  test('rejects with the first reason when it is stopped, who waits and who comes later', async () => {
    const { lookahead } = lookaheadOf({ clauses: 1 })
    lookahead.ask(1)
    const waiting = lookahead.room()
    lookahead.stop(new Error('left'))
    lookahead.stop(new Error('failed'))
    await expect(waiting).rejects.toThrow('left')
    await expect(lookahead.room()).rejects.toThrow('left')
  })

  test('rejects when it is stopped though there is room', async () => {
    const { lookahead, clock } = lookaheadOf()
    lookahead.stop(new Error('left'))
    await expect(lookahead.room(10)).rejects.toThrow('left')
    expect(clock.timers).toBe(0)
  })
})
