import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Lane } from '../../src/dispatch/lane.ts'
import type { Place } from '../../src/dispatch/place.ts'
import type { Claim, Clause } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { settle } from '../fakes/clock.ts'
import { claimOf, laneOf } from './lane-of.ts'

const live = () => new AbortController().signal
const take = (lane: Lane, clause: Clause, claim?: Claim): Promise<Place> =>
  lane.take(clause, { signal: live(), claim }).then(({ place }) => place)
const free = (place: Place) => place[Symbol.dispose]()

describe('Lane', () => {
  test('gives what places there are at once, and the others as these are given back', async () => {
    const { lane } = laneOf({ size: 2 })
    const held = await Promise.all([take(lane, clauseOf('One.')), take(lane, clauseOf('Two.'))])
    const third = take(lane, clauseOf('Three.'))
    expect([lane.taken, lane.size, lane.waiting, lane.waitingChars, lane.load]).toEqual([2, 2, 1, 6, 1.5])
    free(held[0])
    expect((await third).clauses[0]?.text).toBe('Three.')
    expect([lane.taken, lane.waiting, lane.waitingChars]).toEqual([2, 0, 0])
  })

  test.each([
    [100, 'Later.'],
    [2_000, 'First.'],
  ])('lets what waits grow as urgent as its config says: agingMs %d', async (agingMs, next) => {
    const { lane, clock } = laneOf({ queue: { agingMs } })
    const held = await take(lane, clauseOf('Held.'))
    const said: string[] = []
    const wait = async (clause: Clause) => {
      const place = await take(lane, clause)
      said.push(clause.text)
      free(place)
    }
    const later = wait(clauseOf('Later.', { index: 1 }))
    await clock.advance(250)
    const first = wait(clauseOf('First.'))
    free(held)
    await Promise.all([later, first])
    expect(said[0]).toBe(next)
  })

  test('gives a place back once, however it is given back', async () => {
    const { lane, calls } = laneOf({ size: 2 })
    const [one] = await Promise.all([take(lane, clauseOf('One.')), take(lane, clauseOf('Two.'))])
    one.end({ ms: 10, audioSeconds: 1, ok: true })
    one.end({ ms: 10, audioSeconds: 1, ok: true })
    free(one)
    one.firstAudio(3)
    expect([lane.taken, calls.length]).toEqual([1, 1])
  })

  test('tells when it is idle: nothing waits and no place is held', async () => {
    const { lane } = laneOf()
    await lane.idle
    const one = await take(lane, clauseOf('One.'))
    const two = take(lane, clauseOf('Two.'))
    const caller = new AbortController()
    const three = lane.take(clauseOf('Three.'), { signal: caller.signal }).catch(() => {})
    let isIdle = false
    lane.idle.then(() => {
      isIdle = true
    })
    free(one)
    free(await two.finally(() => caller.abort()))
    await three
    expect(isIdle).toBe(true)
    const four = await take(lane, clauseOf('Four.'))
    const idle = lane.idle.then(() => 'idle')
    expect(await Promise.race([idle, settle()])).toBeUndefined()
    free(four)
    expect(await idle).toBe('idle')
  })

  test('lets a first clause overtake later ones, and high priority the usual', async () => {
    const { lane } = laneOf()
    const order: string[] = []
    const held = await take(lane, clauseOf('Now.'))
    const say = async (text: string, index: number, priority = 0) => {
      const place = await take(lane, clauseOf(text, { index }), claimOf({ priority }))
      order.push(text)
      free(place)
    }
    const all = [say('Later.', 3), say('Sooner.', 3, 3), say('Really?', 2), say('First.', 0)]
    free(held)
    await Promise.all(all)
    expect(order).toEqual(['First.', 'Really?', 'Sooner.', 'Later.'])
  })

  test('shares among tenants by weight, a flood being no reason to wait longer', async () => {
    const { lane } = laneOf()
    const order: string[] = []
    const held = await take(lane, clauseOf('Now.'))
    const say = async (tenant: string, weight: number) => {
      const place = await take(lane, clauseOf('0123456789', { index: 1 }), claimOf({ tenant, weight }))
      order.push(tenant)
      free(place)
    }
    const all = [...Array(60).fill('flood'), ...Array(12).fill('paid')].map((t) =>
      say(t, t === 'paid' ? 3 : 1),
    )
    free(held)
    await Promise.all(all)
    expect(order.slice(0, 16).filter((tenant) => tenant === 'paid').length).toBe(12)
  })

  test('lifts what waits to the urgency of who joins it', async () => {
    const { lane } = laneOf()
    const held = await take(lane, clauseOf('Now.'))
    const joined = clauseOf('Joined.', { index: 5 })
    const order: string[] = []
    const all = [clauseOf('Other.', { index: 1 }), joined].map(async (clause) => {
      const place = await take(lane, clause)
      order.push(clause.text)
      free(place)
    })
    lane.lift(clauseOf('Elsewhere.'), { index: 0, priority: 0 })
    lane.lift(joined, { index: 0, priority: 0 })
    free(held)
    await Promise.all(all)
    expect(order).toEqual(['Joined.', 'Other.'])
  })

  test('lets those go at once who leave while they wait, and refuses one who has left', async () => {
    const { lane } = laneOf()
    const held = await take(lane, clauseOf('Now.'))
    const leaving = new AbortController()
    const waiting = lane.take(clauseOf('Gone.'), { signal: leaving.signal })
    leaving.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    expect(lane.waiting).toBe(0)
    free(held)
    await expect(lane.take(clauseOf('Gone.'), { signal: leaving.signal })).rejects.toThrow('left')
    expect(lane.taken).toBe(0)
  })

  test('tells how long each has waited', async () => {
    const { lane, clock } = laneOf()
    const [one, two] = [claimOf(), claimOf()]
    const held = await take(lane, clauseOf('One.'), one)
    const next = take(lane, clauseOf('Two.'), two)
    await clock.advance(30)
    free(held)
    await next
    expect(one.events).toEqual([{ type: 'queued', host: 'gpu', ms: 0 }])
    expect(two.events).toEqual([{ type: 'queued', host: 'gpu', ms: 30 }])
  })

  test('teaches its limit and its throughput by calls that the host has ended, and no others', async () => {
    const { lane, clock, calls, done } = laneOf({ size: 2 })
    const one = await take(lane, clauseOf('One, two.'))
    const two = await take(lane, clauseOf('Three.'))
    one.firstAudio(5)
    await clock.advance(20)
    one.end({ ms: 15, audioSeconds: 2, ok: true })
    two.end({ ms: 20, audioSeconds: 0, ok: false })
    free(await take(lane, clauseOf('Left.')))
    expect(calls).toEqual([
      { ms: 15, firstAudioMs: 5, audioSeconds: 2, ok: true, inFlight: 1 },
      { ms: 20, audioSeconds: 0, ok: false, inFlight: 2 },
    ])
    expect(done).toEqual([{ characters: 9, ms: 20 }])
  })

  test('follows a limit that grows and shrinks', async () => {
    const { lane, resize } = laneOf({ size: 1 })
    const first = await take(lane, clauseOf('0.'))
    const places: Place[] = []
    for (let i = 1; i <= 6; i++) take(lane, clauseOf(`${i}.`)).then((place) => places.push(place))
    resize(3)
    free(first)
    await settle()
    expect([lane.taken, lane.waiting]).toEqual([3, 3])
    resize(1)
    free(places[0]!)
    free(places[1]!)
    await settle()
    expect([lane.taken, lane.waiting]).toEqual([1, 3])
    free(places[2]!)
    await settle()
    expect([lane.taken, lane.waiting]).toEqual([1, 2])
  })

  test('starts nothing while the host wants a pause, and goes on after it', async () => {
    const { lane, clock } = laneOf({ size: 2 })
    lane.pause(1_000)
    const waiting = take(lane, clauseOf('One.'))
    expect([lane.backlogMs, lane.pausedMs]).toEqual([1_000, 1_000])
    await clock.advance(999)
    expect(lane.pausedMs).toBe(1)
    expect([lane.taken, lane.waiting]).toEqual([0, 1])
    await clock.advance(1)
    await waiting
    expect([lane.taken, lane.pausedMs, clock.timers]).toEqual([1, 0, 0])
  })

  test('gives a place to who can still use it, not to who would be late, unless nobody else waits', async () => {
    const { lane, clock } = laneOf()
    const first = await take(lane, clauseOf('Now.'))
    first.firstAudio(200)
    const late = claimOf({ deadlineAt: 300 })
    const [missed, used] = [take(lane, clauseOf('Late.'), late), take(lane, clauseOf('Used.'))]
    await clock.advance(101)
    free(first)
    expect((await used).clauses[0]?.text).toBe('Used.')
    expect(String(await missed.catch((thrown) => thrown))).toContain('Too little was left of the deadline')
    expect(late.events.map(({ type }) => type)).toEqual(['expired'])
    const alone = take(lane, clauseOf('Alone.'), claimOf({ deadlineAt: 302 }))
    await clock.advance(10)
    free(await used)
    expect((await alone).clauses[0]?.text).toBe('Alone.')
  })

  test('starts calls no faster than its rate, wherever there are places', async () => {
    const { lane, clock } = laneOf({ size: 9, perSecond: 10 })
    const began: number[] = []
    for (let i = 0; i < 4; i++) take(lane, clauseOf('A.')).then(() => began.push(clock.now()))
    await clock.advance(250)
    expect(began).toEqual([0, 100, 200])
    expect([lane.taken, lane.waiting]).toEqual([3, 1])
    await clock.advance(50)
    expect(began.at(-1)).toBe(300)
  })

  test('rejects all that waits when it is flushed, and leaves no timer', async () => {
    const { lane, clock } = laneOf()
    lane.pause(1_000)
    const waiting = [1, 2].map(() => take(lane, clauseOf('One.'), claimOf({ deadlineAt: 5_000 })))
    lane.flush(new Error('the breaker has opened'))
    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.map((each) => each.status === 'rejected' && each.reason.message)).toEqual(
      Array(2).fill('the breaker has opened'),
    )
    expect([lane.waiting, lane.waitingChars, clock.timers]).toEqual([0, 0, 0])
  })

  test('loses no place and forgets nobody, whoever leaves when', async () => {
    const step = fc.record({
      what: fc.constantFrom('take', 'take', 'leave', 'free', 'end', 'resize', 'pause', 'wait'),
      which: fc.nat(30),
      index: fc.nat(2),
      deadline: fc.option(fc.nat(300)),
      tenant: fc.constantFrom('a', 'b', 'c'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { lane, clock, resize } = laneOf({ size: 2, queue: { maxRequests: 8 } })
        const held: Place[] = []
        const open: AbortController[] = []
        let settled = 0
        let asked = 0
        for (const { what, which, index, deadline, tenant } of steps) {
          const place = held[which % Math.max(1, held.length)]
          if (what === 'take') {
            const leaving = new AbortController()
            const deadlineAt = deadline === null ? undefined : clock.now() + deadline
            const claim = claimOf({ tenant, ...(deadlineAt !== undefined && { deadlineAt }) })
            open.push(leaving)
            asked++
            lane
              .take(clauseOf('Hello.', { index }), { signal: leaving.signal, claim })
              .then((seat) => held.push(seat.place))
              .catch(() => {})
              .finally(() => settled++)
          } else if (what === 'leave') open[which % Math.max(1, open.length)]?.abort()
          else if (what === 'resize') resize(1 + (which % 4))
          else if (what === 'pause') lane.pause(which)
          else if (what === 'wait') await clock.advance(which * 5)
          else if (place) {
            held.splice(held.indexOf(place), 1)
            if (what === 'free') free(place)
            else place.end({ ms: 1, audioSeconds: 1, ok: true })
          }
          if (which % 3 === 0) await settle()
        }
        await clock.advance(1_000)
        expect(lane.taken).toBe(held.length)
        while (held.length > 0) {
          free(held.pop()!)
          await settle()
        }
        expect([lane.taken, lane.waiting, lane.waitingChars, settled]).toEqual([0, 0, 0, asked])
        expect(clock.timers).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})
