import { expect, test } from 'bun:test'
import { turn } from '../../src/run/turn.ts'

test('turn() lets what waits for the event loop go first, and is one for all who ask meanwhile', async () => {
  const order: string[] = []
  setImmediate(() => order.push('other'))
  const first = turn()
  expect(turn()).toBe(first)
  await first
  order.push('turned')
  expect(order).toEqual(['other', 'turned'])
  expect(turn()).not.toBe(first)
})
