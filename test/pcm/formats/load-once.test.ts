import { expect, test } from 'bun:test'
import { loadOnce } from '../../../src/pcm/formats/load-once.ts'

test('loadOnce() loads once, also for callers who come while it does', async () => {
  let loads = 0
  const load = loadOnce(async () => ++loads)
  expect(await Promise.all([load(), load()])).toEqual([1, 1])
  expect(await load()).toBe(1)
})

test('loadOnce() tries again after a failure', async () => {
  let isBroken = true
  const load = loadOnce(async () => {
    if (isBroken) throw new Error('No file descriptors left')
    return 'lame'
  })
  await expect(load()).rejects.toThrow('No file descriptors left')
  isBroken = false
  expect(await load()).toBe('lame')
})
