import { expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { ConnectionWatch, reachByTcp } from '../../../src/hosts/remote/connection-watch.ts'
import { FakeClock } from '../../fakes/clock.ts'
import { freePort } from '../../fakes/port.ts'

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

test('reachByTcp() resolves where something listens, and rejects where nothing does or it is told to stop', async () => {
  const port = await freePort()
  const address = new URL(`http://127.0.0.1:${port}/x`)
  const signal = new AbortController().signal
  expect(String(await reachByTcp(address, { signal }).catch((thrown) => thrown))).toContain('ECONNREFUSED')
  const server = createServer((socket) => socket.on('error', () => {}))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await reachByTcp(address, { signal })
  const stop = new AbortController()
  const call = reachByTcp(address, { signal: stop.signal })
  stop.abort(new Error('stop'))
  expect(String(await call.catch((thrown) => thrown))).toContain('stop')
  await new Promise((resolve) => server.close(resolve))
})
