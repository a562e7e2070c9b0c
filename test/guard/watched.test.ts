import { expect, test } from 'bun:test'
import { watched } from '../../src/guard/watched.ts'
import type { Pcm, Samples } from '../../src/speech.ts'
import { settle } from '../fakes/clock.ts'
import { counting, pcmOf } from '../fakes/samples.ts'

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
  expect(await pcm.read()).toHaveLength(3)
  expect(inner.pulls()).toBe(1)
  expect(await pcm.read()).toHaveLength(4)
  expect(await pcm.read()).toBeUndefined()
  expect(await pcm.read()).toBeUndefined()
  await pcm.cancel()
  expect(told).toEqual([3, 4, 'ended'])
})

test('watched() carries a failure and tells of it once', async () => {
  const failure = new Error('cut')
  const { pcm, told } = watch(pcmOf([counting(3)], { fails: failure }))
  await pcm.read()
  expect(await pcm.read().catch((thrown) => thrown)).toBe(failure)
  await pcm.cancel()
  expect(told).toEqual([3, failure])
})

test('watched() tells of a cancel once the host is free, and of nothing that a read did meanwhile', async () => {
  const free = Promise.withResolvers<void>()
  const read = Promise.withResolvers<Samples | undefined>()
  let why: unknown
  const { pcm, told } = watch({
    rate: 1,
    speed: 1,
    read: () => read.promise,
    cancel(reason) {
      why = reason
      return free.promise
    },
  })
  const waiting = pcm.read()
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
