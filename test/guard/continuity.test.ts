import { expect, test } from 'bun:test'
import { Continuity } from '../../src/guard/continuity.ts'
import type { PickHost } from '../../src/guard/pick-host.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Pcm } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { counting, pcmOf } from '../fakes/samples.ts'
import { failureOf, fault, full, GONE, live } from './faults.ts'

/** Deals the hosts out in turn, but for what is preferred. */
function start(hosts: readonly string[] = ['a', 'b', 'c']) {
  const calls: { host: string; call: PromiseWithResolvers<Pcm> }[] = []
  const preferred: (string | undefined)[] = []
  let turn = 0
  const pick: PickHost = (_, { tried, prefer }) => {
    preferred.push(prefer)
    const host = prefer && !tried.has(prefer) ? prefer : hosts[turn++]
    if (host === undefined) return undefined
    return {
      host,
      synthesize: () => {
        const call = Promise.withResolvers<Pcm>()
        calls.push({ host, call })
        return call.promise
      },
    }
  }
  const continuity = new Continuity(pick)
  const ask = (index: number, { tried = [] as string[], signal = live() } = {}) => {
    const clause = clauseOf('Hi.', { index })
    const pcm = continuity.pick(clause, { tried: new Set(tried) })!.synthesize(clause, { signal })
    pcm.catch(() => {})
    return { pcm, ...calls.at(-1)! }
  }
  return { continuity, ask, preferred }
}

test('Continuity asks the first clause’s host for those that are fetched ahead of its audio', async () => {
  const { continuity, ask, preferred } = start()
  const first = ask(0)
  expect([ask(1).host, ask(2).host]).toEqual(['a', 'a'])
  expect(preferred).toEqual([undefined, 'a', 'a'])
  first.call.resolve(pcmOf([]))
  await first.pcm
  expect(continuity.host).toBe('a')
})

test('Continuity goes with the host that speaks first, be it the one that was asked second', async () => {
  const { continuity, ask } = start()
  const slow = ask(0)
  const fast = ask(0, { tried: ['a'] })
  expect(ask(1).host).toBe('a')
  fast.call.resolve(pcmOf([]))
  await fast.pcm
  slow.call.resolve(pcmOf([]))
  await slow.pcm
  expect(continuity.host).toBe('b')
})

test.each([
  ['fails', fault()],
  ['is overloaded', full()],
])('Continuity moves on for good when its host %s', async (_, error) => {
  const { continuity, ask } = start()
  const first = ask(0)
  first.call.resolve(pcmOf([]))
  await first.pcm
  const second = ask(1)
  second.call.reject(error)
  await failureOf(second.pcm)
  expect(continuity.host).toBeUndefined()
  const again = ask(1, { tried: ['a'] })
  again.call.resolve(pcmOf([]))
  await again.pcm
  expect([again.host, ask(2).host]).toEqual(['b', 'b'])
})

test('Continuity goes with the next to speak after a failure, whoever was asked first', async () => {
  const { continuity, ask } = start()
  const first = ask(0)
  first.call.resolve(pcmOf([counting(1)], { fails: fault() }))
  const pcm = await first.pcm
  await nextOf(pcm)
  await failureOf(nextOf(pcm))
  ask(1)
  const fast = ask(1, { tried: ['a', 'b'] })
  fast.call.resolve(pcmOf([]))
  await fast.pcm
  expect(continuity.host).toBe('c')
})

test('Continuity asks one that has not failed the reply, but a clause’s next try goes by what was tried for it', async () => {
  const asked: string[][] = []
  const pick: PickHost = (_, { tried }) => {
    asked.push([...tried])
    const synthesize = async () => pcmOf([counting(1)], { fails: fault() })
    return { host: `${asked.length}`, synthesize }
  }
  const continuity = new Continuity(pick)
  for (const tried of [[], [], ['9']]) {
    const clause = clauseOf('Hi.')
    const candidate = continuity.pick(clause, { tried: new Set(tried) })!
    const pcm = await candidate.synthesize(clause, { signal: live() })
    await nextOf(pcm)
    await failureOf(nextOf(pcm))
  }
  expect(asked).toEqual([[], ['1'], ['9']])
})

test('Continuity moves on when its host fails within its audio', async () => {
  const { continuity, ask } = start()
  const first = ask(0)
  first.call.resolve(pcmOf([counting(1)], { fails: fault() }))
  const pcm = await first.pcm
  await nextOf(pcm)
  await failureOf(nextOf(pcm))
  expect(continuity.host).toBeUndefined()
})

test('Continuity is not moved by a caller’s fault, a call that was ended or another host’s failure', async () => {
  const { continuity, ask } = start()
  const first = ask(0)
  first.call.resolve(pcmOf([]))
  await first.pcm
  const wrong = ask(1)
  wrong.call.reject(fault({ source: 'client', code: 'invalid' }))
  await failureOf(wrong.pcm)
  const caller = new AbortController()
  const left = ask(2, { signal: caller.signal })
  caller.abort(GONE)
  left.call.reject(fault())
  await failureOf(left.pcm)
  const elsewhere = ask(3, { tried: ['a'] })
  elsewhere.call.reject(fault())
  await failureOf(elsewhere.pcm)
  expect([wrong.host, left.host, elsewhere.host]).toEqual(['a', 'a', 'b'])
  expect(continuity.host).toBe('a')
})

test('Continuity has nobody where there is nobody', () => {
  const { continuity } = start([])
  expect(continuity.pick(clauseOf('Hi.'), { tried: new Set() })).toBeUndefined()
})
