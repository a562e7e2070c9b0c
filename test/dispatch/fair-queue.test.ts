import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { FairQueue } from '../../src/dispatch/fair-queue.ts'
import type { Rank } from '../../src/dispatch/urgency.ts'
import type { Tenant } from '../../src/speech.ts'

const tenantOf = (id: string, weight = 1): Tenant => ({ id, weight })
const [A, B] = [tenantOf('a'), tenantOf('b')]
/** What may be a first clause's credit; see FairQueue. */
const LEAD = 200

interface Put {
  tenant?: Tenant
  cost?: number
  rank?: Rank
  priority?: number
  at?: number
  kind?: string
}
const put = <T>(queue: FairQueue<T>, value: T, rest: Put = {}) =>
  queue.push(value, { tenant: A, cost: 10, rank: 2, priority: 0, at: 0, ...rest })
const drain = <T>(queue: FairQueue<T>, most = Number.POSITIVE_INFINITY): T[] => {
  const out: T[] = []
  for (let item = queue.shift(); item; item = queue.shift()) {
    out.push(item.value)
    if (out.length >= most) break
  }
  return out
}

describe('FairQueue, within a tenant', () => {
  test('gives first clauses before questions, these before the rest, and the older first', () => {
    const queue = new FairQueue<string>()
    put(queue, 'rest')
    put(queue, 'rest 2')
    put(queue, 'question', { rank: 1 })
    put(queue, 'first', { rank: 0 })
    put(queue, 'first 2', { rank: 0 })
    expect(drain(queue)).toEqual(['first', 'first 2', 'question', 'rest', 'rest 2'])
  })

  test('gives higher priority first, five steps of it being worth a rank', () => {
    const queue = new FairQueue<string>()
    put(queue, 'usual')
    put(queue, 'low', { priority: -1 })
    put(queue, 'high', { priority: 4 })
    put(queue, 'question', { rank: 1 })
    put(queue, 'highest', { priority: 6 })
    expect(drain(queue)).toEqual(['highest', 'question', 'high', 'usual', 'low'])
  })

  test('lets what has waited for agingMs go before what comes then one rank above it', () => {
    const queue = new FairQueue<string>({ agingMs: 100 })
    put(queue, 'rest', { at: 0 })
    put(queue, 'question too late', { rank: 1, at: 101 })
    put(queue, 'question', { rank: 1, at: 99 })
    put(queue, 'first too late', { rank: 0, at: 201 })
    put(queue, 'first', { rank: 0, at: 199 })
    expect(drain(queue)).toEqual(['question', 'first', 'rest', 'question too late', 'first too late'])
  })

  test('lets nothing go before what came six times agingMs earlier, whatever keeps coming', () => {
    const arrival = fc.record({
      rank: fc.constantFrom<Rank>(0, 1, 2),
      priority: fc.integer({ min: -10, max: 10 }),
      after: fc.nat(200),
      leaves: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 1, maxLength: 100 }), (arrivals) => {
        const queue = new FairQueue<number>({ agingMs: 100 })
        const waiting = new Set<number>()
        let at = 0
        const leave = () => {
          const served = queue.shift()!.value
          waiting.delete(served)
          expect(served - Math.min(served, ...waiting)).toBeLessThanOrEqual(600)
        }
        for (const { after, leaves, ...urgency } of arrivals) {
          at += after + 1
          put(queue, at, { at, ...urgency })
          waiting.add(at)
          if (leaves) leave()
        }
        while (queue.size > 0) leave()
      }),
    )
  })

  test('makes what waits more urgent, never less', () => {
    const queue = new FairQueue<string>()
    put(queue, 'first')
    const lifted = put(queue, 'lifted')
    put(queue, 'last')
    queue.lift(lifted, { rank: 2, priority: -5, at: 0 })
    expect(drain(queue, 1)).toEqual(['first'])
    expect(queue.peek()?.value).toBe('lifted')
    put(queue, 'high', { priority: 1 })
    queue.lift(lifted, { rank: 2, priority: 2, at: 10 })
    expect(drain(queue)).toEqual(['lifted', 'high', 'last'])
    queue.lift(lifted, { rank: 0, priority: 0, at: 10 })
    expect(queue.size).toBe(0)
  })
})

describe('FairQueue, between tenants', () => {
  test('shares characters by weight to within a clause of each, while both wait', () => {
    const costs = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 20, maxLength: 60 })
    const weight = fc.integer({ min: 1, max: 100 }).map((n) => n / 10)
    fc.assert(
      fc.property(costs, costs, weight, weight, (ofA, ofB, weightA, weightB) => {
        const queue = new FairQueue<string>()
        const tenants = { a: tenantOf('a', weightA), b: tenantOf('b', weightB) }
        for (const cost of ofA) put(queue, 'a', { tenant: tenants.a, cost })
        for (const cost of ofB) put(queue, 'b', { tenant: tenants.b, cost })
        const given = { a: 0, b: 0 }
        while (queue.costOf('a') > 0 && queue.costOf('b') > 0) {
          const { tenant, cost } = queue.shift()!
          given[tenant as 'a' | 'b'] += cost
          const apart = Math.abs(given.a / weightA - given.b / weightB)
          expect(apart).toBeLessThanOrEqual(120 / weightA + 120 / weightB + 1e-6)
        }
      }),
    )
  })

  test('gives a tenant of weight 3 three times the characters of one of weight 1', () => {
    const queue = new FairQueue<string>()
    for (let i = 0; i < 100; i++) {
      put(queue, 'a', { tenant: tenantOf('a', 3) })
      put(queue, 'b', { tenant: tenantOf('b', 1), cost: 20 })
    }
    const out = drain(queue, 70)
    expect(out.filter((tenant) => tenant === 'a').length).toBe(60)
  })

  test('lets a flood wait behind a tenant that asks for little', () => {
    const queue = new FairQueue<string>()
    for (let i = 0; i < 50; i++) put(queue, 'flood')
    drain(queue, 20)
    for (let i = 0; i < 3; i++) put(queue, 'little', { tenant: B })
    expect(drain(queue, 7)).toEqual(['flood', 'little', 'flood', 'little', 'flood', 'little', 'flood'])
  })

  test.each([0.2, 1, 3])(
    'serves who has just come next, whatever waits of others, at weight %d',
    (weight) => {
      const queue = new FairQueue<string>()
      for (let i = 0; i < 30; i++) put(queue, 'flood', { rank: 0, cost: 30 })
      drain(queue, 3)
      const newcomer = tenantOf('newcomer', weight)
      expect(queue.ahead({ tenant: newcomer, rank: 0, priority: 0, at: 0 })).toEqual({ own: 0, all: 0 })
      put(queue, 'newcomer', { tenant: newcomer, rank: 0, cost: 30 })
      expect(drain(queue, 2)).toContain('newcomer')
    },
  )

  test('saves up no credit for a tenant that had nothing to say', () => {
    const queue = new FairQueue<string>()
    put(queue, 'b', { tenant: B })
    for (let i = 0; i < 100; i++) put(queue, 'a')
    drain(queue, 60)
    for (let i = 0; i < 30; i++) put(queue, 'b', { tenant: B })
    expect(drain(queue, 20).filter((tenant) => tenant === 'b').length).toBe(10)
  })

  test('remembers what a tenant has had that comes back at once', () => {
    const queue = new FairQueue<string>()
    for (let i = 0; i < 20; i++) put(queue, 'a')
    put(queue, 'b', { tenant: B, cost: 95 })
    expect(drain(queue, 2)).toEqual(['a', 'b'])
    put(queue, 'b', { tenant: B })
    expect(drain(queue, 11)).toEqual([...Array(9).fill('a'), 'b', 'a'])
  })

  test('forgets what each has had once nobody waits', () => {
    const queue = new FairQueue<string>()
    put(queue, 'a', { cost: 1_000 })
    drain(queue)
    put(queue, 'a')
    put(queue, 'b', { tenant: B })
    expect(drain(queue)).toEqual(['a', 'b'])
  })

  test('lets a first clause go ahead of later clauses of others, on credit', () => {
    const queue = new FairQueue<string>()
    put(queue, 'b', { tenant: B, cost: 145 })
    for (let i = 0; i < 40; i++) put(queue, 'a')
    expect(drain(queue, 1)).toEqual(['b'])
    put(queue, 'b first', { tenant: B, cost: 50, rank: 0 })
    put(queue, 'b first', { tenant: B, cost: 50, rank: 0 })
    put(queue, 'b first', { tenant: B, cost: 50, rank: 0 })
    const out = drain(queue, 24)
    expect(out.slice(0, 2)).toEqual(['b first', 'b first'])
    expect(out.indexOf('b first', 2)).toBe(2 + Math.ceil((245 - LEAD) / 10))
  })

  test('gives no larger share to who says first clauses only', () => {
    const queue = new FairQueue<string>()
    for (let i = 0; i < 200; i++) {
      put(queue, 'a', { rank: 0 })
      put(queue, 'b', { tenant: B })
    }
    const out = drain(queue, 200)
    const ofA = out.filter((tenant) => tenant === 'a').length * 10
    expect(Math.abs(2 * ofA - 2000)).toBeLessThanOrEqual(LEAD + 20)
  })

  test('serves every tenant in bounded work, whatever others keep sending', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ tenant: fc.nat(4), cost: fc.integer({ min: 1, max: 50 }), first: fc.boolean() }),
          {
            minLength: 200,
            maxLength: 300,
          },
        ),
        (arrivals) => {
          const queue = new FairQueue<string>()
          put(queue, 'last', { tenant: tenantOf('quiet'), cost: 50 })
          for (let i = 0; i < 5; i++) put(queue, 'other', { tenant: tenantOf(`${i}`), cost: 50 })
          let work = 0
          for (const { tenant, cost, first } of arrivals) {
            put(queue, 'other', { tenant: tenantOf(`${tenant}`), cost, rank: first ? 0 : 2 })
            const item = queue.shift()!
            if (item.value === 'last') return
            work += item.cost
            expect(work).toBeLessThanOrEqual(5 * (LEAD + 2 * 50))
          }
        },
      ),
    )
  })
})

describe('FairQueue', () => {
  test('takes those who leave out, and charges them nothing', () => {
    const queue = new FairQueue<string>()
    const [one, two] = [put(queue, 'one'), put(queue, 'two', { tenant: B, cost: 7 })]
    queue.delete(one)
    queue.delete(one)
    expect([queue.size, queue.cost, queue.costOf('a'), queue.costOf('b')]).toEqual([1, 7, 0, 7])
    expect(queue.shift()).toBe(two)
    queue.delete(two)
    expect([queue.size, queue.cost, queue.shift(), queue.peek()]).toEqual([0, 0, undefined, undefined])
  })

  test('gives the next of one kind, the order kept', () => {
    const queue = new FairQueue<number>()
    put(queue, 1, { kind: 'x' })
    put(queue, 2, { kind: 'y' })
    put(queue, 3, { kind: 'x', rank: 0 })
    put(queue, 4, { kind: 'x', tenant: B })
    expect([queue.sizeOf('x'), queue.sizeOf('y'), queue.sizeOf('z')]).toEqual([3, 1, 0])
    expect([1, 2, 3, 4].map(() => queue.shift('x')?.value)).toEqual([3, 4, 1, undefined])
    expect(queue.shift()?.value).toBe(2)
  })

  test('counts what waits, whoever comes, goes and is lifted', () => {
    const step = fc.record({
      what: fc.constantFrom('push', 'shift', 'shift x', 'delete', 'lift'),
      tenant: fc.nat(3),
      cost: fc.integer({ min: 1, max: 50 }),
      rank: fc.constantFrom<Rank>(0, 1, 2),
      which: fc.nat(50),
      kind: fc.constantFrom('x', 'y'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const queue = new FairQueue<number>({ agingMs: 10 })
        const waiting: ReturnType<typeof queue.push>[] = []
        steps.forEach(({ what, tenant, which, ...rest }, at) => {
          const item = waiting[which % Math.max(1, waiting.length)]
          if (what === 'push') waiting.push(put(queue, at, { tenant: tenantOf(`${tenant}`), at, ...rest }))
          else if (what === 'lift' && item) queue.lift(item, { rank: rest.rank, priority: 3, at })
          else if (what === 'delete' && item) queue.delete(waiting.splice(waiting.indexOf(item), 1)[0]!)
          else if (what.startsWith('shift')) {
            const kind = what.split(' ')[1]
            const next = queue.shift(kind)
            expect(next === undefined).toBe(!waiting.some((each) => kind === undefined || each.kind === kind))
            if (next) waiting.splice(waiting.indexOf(next), 1)
          }
          expect(queue.size).toBe(waiting.length)
          expect(queue.cost).toBe(waiting.reduce((sum, each) => sum + each.cost, 0))
          expect(queue.sizeOf('x')).toBe(waiting.filter((each) => each.kind === 'x').length)
          expect(new Set(queue)).toEqual(new Set(waiting))
        })
        expect(drain(queue).sort()).toEqual(waiting.map(({ value }) => value).sort())
      }),
    )
  })
})

describe('FairQueue.ahead()', () => {
  const nobody = { rank: 2, priority: 0, at: 0 } as const

  test('is nothing when nobody waits', () => {
    expect(new FairQueue().ahead({ tenant: A, ...nobody })).toEqual({ own: 0, all: 0 })
  })

  test('is what the own tenant has waiting that is due before', () => {
    const queue = new FairQueue<string>()
    put(queue, 'rest')
    put(queue, 'question', { rank: 1, cost: 7 })
    put(queue, 'first', { rank: 0, cost: 3 })
    const ahead = (rank: Rank) => queue.ahead({ tenant: A, ...nobody, rank }).own
    expect([ahead(2), ahead(1), ahead(0)]).toEqual([20, 10, 3])
  })

  test('is, of others, their share until then', () => {
    const queue = new FairQueue<string>()
    for (let i = 0; i < 10; i++) put(queue, 'a')
    for (let i = 0; i < 5; i++) put(queue, 'b', { tenant: B })
    for (let i = 0; i < 50; i++) put(queue, 'c', { tenant: tenantOf('c', 3) })
    expect(queue.ahead({ tenant: A, ...nobody })).toEqual({ own: 100, all: 100 + 50 + 300 })
    expect(queue.ahead({ tenant: tenantOf('new'), ...nobody })).toEqual({ own: 0, all: 0 })
  })

  test('is off by no more than a clause of each tenant, and a step of age', () => {
    const arrivals = fc.array(
      fc.record({
        tenant: fc.nat(2),
        cost: fc.integer({ min: 1, max: 50 }),
        rank: fc.constantFrom<Rank>(1, 2),
      }),
      { minLength: 1, maxLength: 80 },
    )
    fc.assert(
      fc.property(arrivals, fc.nat(40), (waiting, given) => {
        const queue = new FairQueue<string>()
        const tenants = [tenantOf('0', 1), tenantOf('1', 2), tenantOf('2', 5)]
        for (const { tenant, ...rest } of waiting) put(queue, 'other', { ...rest, tenant: tenants[tenant]! })
        drain(queue, Math.max(1, given))
        const { all } = queue.ahead({ tenant: tenants[0]!, ...nobody, at: 1 })
        put(queue, 'this', { tenant: tenants[0]!, at: 1 })
        let real = 0
        for (let item = queue.shift()!; item.value !== 'this'; item = queue.shift()!) real += item.cost
        expect(Math.abs(real - all)).toBeLessThanOrEqual(2 * 50 + 50 * (2 + 5))
      }),
    )
  })
})

describe('FairQueue.lastOf()', () => {
  test('is what begins a speech before what goes on with one, the last first', () => {
    const queue = new FairQueue<string>()
    for (const rank of [2, 0, 2, 0, 2] as const)
      put(queue, `a${queue.size}`, { rank, at: 5_000 * queue.size })
    put(queue, 'b', { tenant: B })
    const out = [1, 2, 3].map(() => {
      const last = queue.lastOf(A.id)!
      queue.delete(last)
      return last.value
    })
    expect(out).toEqual(['a3', 'a1', 'a4'])
    expect(queue.lastOf('nobody')).toBeUndefined()
  })
})

test('FairQueue.shares() tells what each tenant has waiting', () => {
  const queue = new FairQueue<string>()
  for (let i = 0; i < 2; i++) put(queue, 'a')
  put(queue, 'b', { tenant: tenantOf('b', 2) })
  const shares = [...queue.shares()].map(({ id, weight, cost }) => ({ id, weight, cost }))
  const cost = shares.find(({ id }) => id === 'b')!.cost
  expect(shares).toContainEqual({ id: A.id, weight: A.weight, cost: 2 * cost })
  expect(shares).toContainEqual({ id: 'b', weight: 2, cost })
})
