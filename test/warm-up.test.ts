import { expect, test } from 'bun:test'
import { warmUp } from '../src/warm-up.ts'

test('warmUp() leaves the process alone before each format, and then speaks it', async () => {
  const rests: number[] = []
  const rest = async (ms: number) => void rests.push(ms)
  await warmUp({ signal: new AbortController().signal, rest })
  expect(rests).toEqual([50, 50])
})

test('warmUp() ends before the next format once its signal aborts', async () => {
  const stop = new AbortController()
  let rests = 0
  const rest = async () => {
    if (++rests === 1) stop.abort()
  }
  await warmUp({ signal: stop.signal, rest })
  expect(rests).toBe(1)
})
