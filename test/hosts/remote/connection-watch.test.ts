import { expect, test } from 'bun:test'
import { ConnectionWatch } from '../../../src/hosts/remote/connection-watch.ts'
import { FakeClock } from '../../fakes/clock.ts'

const url = new URL('http://127.0.0.1:1/')

test('ConnectionWatch calls a host absent when there was no answer in half of the time and no connection in the other', async () => {
  const clock = new FakeClock()
  let reached = 0
  const reach = () => {
    reached++
    return new Promise<void>(() => {})
  }
  const absent: Error[] = []
  const onAbsent = (reason: Error) => void absent.push(reason)
  using _watch = new ConnectionWatch(url, { ms: 1_000, setTimer: clock.setTimer, reach, onAbsent })
  await clock.advance(499)
  expect(reached).toBe(0)
  await clock.advance(500)
  expect(reached).toBe(1)
  expect(absent).toEqual([])
  await clock.advance(1)
  expect(String(absent)).toContain('No connection within 1000 ms')
})

test('ConnectionWatch calls it absent at once when the connection is refused, and not when it is made', async () => {
  for (const refused of [true, false]) {
    const clock = new FakeClock()
    const reach = () => (refused ? Promise.reject(new Error('refused')) : Promise.resolve())
    let absent = false
    const onAbsent = () => {
      absent = true
    }
    using _watch = new ConnectionWatch(url, { ms: 1_000, setTimer: clock.setTimer, reach, onAbsent })
    await clock.advance(500)
    expect(absent).toBe(refused)
    await clock.advance(10_000)
    expect(absent).toBe(refused)
  }
})

test('ConnectionWatch says no more once it is disposed of, and leaves no timer', async () => {
  for (const ms of [0, 500, 700]) {
    const clock = new FakeClock()
    let given: AbortSignal | undefined
    const reach = (_: URL, { signal }: { signal: AbortSignal }) => {
      given = signal
      return new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    let absent = false
    const onAbsent = () => {
      absent = true
    }
    const watch = new ConnectionWatch(url, { ms: 1_000, setTimer: clock.setTimer, reach, onAbsent })
    await clock.advance(ms)
    watch[Symbol.dispose]()
    await clock.advance(10_000)
    expect(absent).toBe(false)
    expect(given?.aborted).toBe(ms >= 500 ? true : undefined)
    expect(clock.timers).toBe(0)
  }
})
