import { expect, test } from 'bun:test'
import { watched } from '../../src/guard/watched.ts'
import { nextOf, wakeSoon } from '../../src/pcm/supply.ts'
import type { Pcm, Samples } from '../../src/speech.ts'
import { settle } from '../fakes/clock.ts'
import { counting, pcmOf, pulled } from '../fakes/samples.ts'

function watch(pcm: Pcm) {
  const told: unknown[] = []
  const same = watched(pcm, {
    took: (samples) => told.push(samples.length),
    ended: () => told.push('ended'),
    failed: (thrown) => told.push(thrown),
    left: (reason) => told.push(['left', reason]),
  })
  return { pcm: same, told }
}

test('watched() passes audio as it is pulled and tells of its end once', async () => {
  const inner = pcmOf([counting(3), counting(4)], { rate: 8_000, speed: 2 })
  const { pcm, told } = watch(inner)
  expect(pcm).toMatchObject({ rate: 8_000, speed: 2 })
  expect(inner.pulls()).toBe(0)
  expect(await nextOf(pcm)).toHaveLength(3)
  expect(inner.pulls()).toBe(1)
  expect(await nextOf(pcm)).toHaveLength(4)
  expect(await nextOf(pcm)).toBeUndefined()
  expect(await nextOf(pcm)).toBeUndefined()
  await pcm.cancel()
  expect(told).toEqual([3, 4, 'ended'])
})

test('watched() asks audio that has ended for nothing more', async () => {
  const inner = pcmOf([counting(3)])
  const { pcm } = watch(inner)
  while (await nextOf(pcm));
  const pulls = inner.pulls()
  expect(await nextOf(pcm)).toBeUndefined()
  await pcm.cancel('enough')
  expect(inner.pulls()).toBe(pulls)
  expect(inner.cancelled()).toBeUndefined()
})

test('watched() carries a failure and tells of it once', async () => {
  const failure = new Error('cut')
  const { pcm, told } = watch(pcmOf([counting(3)], { fails: failure }))
  await nextOf(pcm)
  expect(await nextOf(pcm).catch((thrown) => thrown)).toBe(failure)
  await pcm.cancel()
  expect(told).toEqual([3, failure])
})

test('watched() tells of a cancel once the host is free, and of nothing that a read did meanwhile', async () => {
  const free = Promise.withResolvers<void>()
  const read = Promise.withResolvers<Samples | undefined>()
  let why: unknown
  const { pcm, told } = watch(
    pulled({
      read: () => read.promise,
      cancel(reason) {
        why = reason
        return free.promise
      },
    }),
  )
  const waiting = nextOf(pcm)
  const cancelled = pcm.cancel('enough')
  read.resolve(undefined)
  await waiting
  await settle()
  expect(told).toEqual([])
  free.resolve()
  await cancelled
  expect(told).toEqual([['left', 'enough']])
  expect(why).toBe('enough')
})

test('watched() is the same object for all who watch, told in the order in which they came', async () => {
  const told: string[] = []
  const watcher = (name: string) => ({
    asked: () => told.push(`${name} asked`),
    took: () => told.push(`${name} took`),
    ended: () => told.push(`${name} ended`),
    over: () => told.push(`${name} over`),
  })
  const inner = pcmOf([counting(1)])
  const first = watched(inner, watcher('a'))
  expect(watched(first, watcher('b'))).toBe(first)
  await nextOf(first)
  expect(inner.pulls()).toBe(1)
  await nextOf(first)
  expect(told).toEqual([
    ...['a asked', 'b asked', 'a took', 'b took'],
    ...['a asked', 'b asked', 'a ended', 'b ended', 'a over', 'b over'],
  ])
})

test('watched() tells of one question for all the waits until there are samples', async () => {
  const told: string[] = []
  const given = [undefined, undefined, counting(1), undefined]
  const inner: Pcm = {
    rate: 1,
    speed: 1,
    get isOver() {
      return given.length === 0
    },
    take: () => given.shift(),
    wait: wakeSoon,
    cancel: async () => {},
  }
  const pcm = watched(inner, {
    asked: () => void told.push('asked'),
    came: () => void told.push('came'),
    took: () => void told.push('took'),
  })
  await nextOf(pcm)
  expect(told).toEqual(['asked', 'came', 'took'])
})

test('watched() makes what a watcher throws the failure of all, and cancels what is not at its end', async () => {
  const failure = new Error('not right')
  const object = () => {
    throw failure
  }
  for (const at of ['took', 'ended'] as const) {
    const inner = pcmOf(at === 'took' ? [counting(1)] : [])
    const { pcm, told } = watch(watched(inner, { [at]: object }))
    expect(await nextOf(pcm).catch((thrown) => thrown)).toBe(failure)
    expect(await nextOf(pcm).catch((thrown) => thrown)).toBe(failure)
    expect(told).toEqual([failure])
    expect(inner.cancelled()).toBe(at === 'took' ? failure : undefined)
  }
})

test('giveUp() fails the read that waits and those after it, and cancels the audio', async () => {
  const late = Promise.withResolvers<Samples | undefined>()
  let why: unknown
  const cancel = async (reason: unknown) => {
    why = reason
  }
  const told: unknown[] = []
  const failed = (thrown: unknown) => told.push(thrown)
  const pcm = watched(pulled({ read: () => late.promise, cancel }), { failed, took: failed })
  const waiting = nextOf(pcm).catch((thrown) => thrown)
  pcm.giveUp('late')
  expect(await waiting).toBe('late')
  late.resolve(counting(1))
  await settle()
  expect(await nextOf(pcm).catch((thrown) => thrown)).toBe('late')
  expect([told, why]).toEqual([['late'], 'late'])
})

test('giveUp(), and what a watcher throws, do not mind a host that cannot be told', async () => {
  const cancel = () => Promise.reject(new Error('gone'))
  const { pcm } = watch(pulled({ read: () => new Promise(() => {}), cancel }))
  pcm.giveUp('late')
  expect(await nextOf(pcm).catch((thrown) => thrown)).toBe('late')
  const took = () => {
    throw new Error('not right')
  }
  const refused = watched(pulled({ read: async () => counting(1), cancel }), { took })
  await expect(nextOf(refused)).rejects.toThrow('not right')
  await settle()
})
