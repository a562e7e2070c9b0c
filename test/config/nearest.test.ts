import { expect, test } from 'bun:test'
import { nearest } from '../../src/config/nearest.ts'

const COMMANDS = ['serve', 'say', 'split', 'voices', 'check', 'healthcheck']

test.each([
  ['sya', 'say'], // swapped
  ['sevre', 'serve'],
  ['splitt', 'split'], // one too many
  ['chek', 'check'], // one too few
  ['voice', 'voices'],
  ['health', 'healthcheck'], // begun
  ['helthc', 'healthcheck'], // begun badly
  ['SERVE', 'serve'],
])('nearest() takes %p for %p', (word, meant) => {
  expect(nearest(word, COMMANDS)).toBe(meant)
})

test.each(['banana', 'x', '', 'install'])('nearest() finds nothing for %p', (word) => {
  expect(nearest(word, COMMANDS)).toBeUndefined()
})
