import { expect, test } from 'bun:test'
import { Change } from '../../src/pcm/change.ts'

test('Change wakes who waits once, by the next change and not by one before', () => {
  const change = new Change()
  let woken = 0
  const waiter = { wake: () => woken++ }
  change.wake()
  change.wait(waiter)
  expect(woken).toBe(0)
  change.wake()
  change.wake()
  expect(woken).toBe(1)
})

test('Change lets one who is woken wait again at once', () => {
  const change = new Change()
  let woken = 0
  const waiter = {
    wake() {
      if (++woken < 3) change.wait(waiter)
    },
  }
  change.wait(waiter)
  for (let i = 0; i < 5; i++) change.wake()
  expect(woken).toBe(3)
})
