import { expect, test } from 'bun:test'
import { Hedge } from '../../src/guard/hedge.ts'

const took = (hedge: Hedge, all: readonly number[], host = 'a') => {
  for (const ms of all) hedge.took(host, ms)
}
const upTo = (count: number, scale = 10) => Array.from({ length: count }, (_, i) => (i + 1) * scale)

test('Hedge says nothing of a host until it has seen twenty calls', () => {
  const hedge = new Hedge()
  took(hedge, upTo(19))
  expect(hedge.delayMs('a')).toBeUndefined()
  took(hedge, [200])
  expect(hedge.delayMs('a')).toBe(190)
  expect(hedge.delayMs('b')).toBeUndefined()
})

test('Hedge gives the 95th percentile of the latest hundred calls', () => {
  const hedge = new Hedge()
  took(hedge, upTo(100, 100))
  expect(hedge.delayMs('a')).toBe(9_500)
  took(hedge, upTo(100))
  expect(hedge.delayMs('a')).toBe(950)
})

test('Hedge never calls a call late in no time', () => {
  const hedge = new Hedge({ minMs: 50 })
  took(hedge, upTo(20, 1))
  expect(hedge.delayMs('a')).toBe(50)
})

test('Hedge forgets hosts that it has not seen for long', () => {
  const hedge = new Hedge({ atLeast: 1, minMs: 0 })
  took(hedge, [7], 'old')
  took(hedge, [7], 'used')
  for (let i = 0; i < 255; i++) {
    took(hedge, [1], `h${i}`)
    took(hedge, [7], 'used')
  }
  expect(hedge.delayMs('old')).toBeUndefined()
  expect(hedge.delayMs('used')).toBe(7)
})
