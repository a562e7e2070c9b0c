import { expect, test } from 'bun:test'
import { sleep } from '../../src/guard/sleep.ts'
import { FakeClock } from '../fakes/clock.ts'
import { GONE } from './faults.ts'

test('sleep() waits so long', async () => {
  const clock = new FakeClock()
  let awake = false
  const done = sleep(100, { signal: new AbortController().signal, setTimer: clock.setTimer }).then(() => {
    awake = true
  })
  await clock.advance(99)
  expect(awake).toBe(false)
  await clock.advance(1)
  expect(awake).toBe(true)
  await done
})

test('sleep() ends at once, its timer with it, when the caller leaves', async () => {
  const clock = new FakeClock()
  const caller = new AbortController()
  const done = sleep(100, { signal: caller.signal, setTimer: clock.setTimer }).catch((thrown) => thrown)
  caller.abort(GONE)
  expect(await done).toBe(GONE)
  expect(clock.timers).toBe(0)
  const again = sleep(100, { signal: caller.signal, setTimer: clock.setTimer }).catch((thrown) => thrown)
  expect(await again).toBe(GONE)
  expect(clock.timers).toBe(0)
})
