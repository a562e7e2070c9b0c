import { expect, test } from 'bun:test'
import { SlidingWindow } from '../../src/guard/sliding-window.ts'

function counter() {
  let now = 0
  const window = new SlidingWindow({ ms: 1_000, make: () => ({ count: 0 }), now: () => now })
  return {
    window,
    at(ms: number) {
      now = ms
    },
    add: () => window.current.count++,
    total: () => window.slices.reduce((sum, { count }) => sum + count, 0),
  }
}

test('SlidingWindow holds all of its time, and for no more than a slice longer', () => {
  const { at, add, total } = counter()
  at(99)
  add()
  add()
  at(1_099)
  add()
  expect(total()).toBe(3)
  at(1_100)
  expect(total()).toBe(1)
  at(2_200)
  expect(total()).toBe(0)
})

test('SlidingWindow keeps one slice for one moment', () => {
  const { window, at, add } = counter()
  add()
  at(50)
  add()
  expect(window.slices).toEqual([{ count: 2 }])
  at(100)
  add()
  expect(window.slices).toEqual([{ count: 2 }, { count: 1 }])
})

test.each([-1e9, 1e9])('SlidingWindow is empty, and counts on, after the clock jumped by %i', (jump) => {
  const { at, add, total } = counter()
  at(5_000)
  add()
  at(5_000 + jump)
  expect(total()).toBe(0)
  add()
  expect(total()).toBe(1)
  at(5_900 + jump)
  add()
  expect(total()).toBe(2)
})

test('SlidingWindow has the platform’s clock, and can be cleared', () => {
  const window = new SlidingWindow({ ms: 60_000, make: () => [1] })
  window.current.push(2)
  expect(window.slices).toEqual([[1, 2]])
  window.clear()
  expect(window.slices).toEqual([])
})
