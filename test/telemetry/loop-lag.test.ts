import { describe, expect, test } from 'bun:test'
import { loopLag } from '../../src/telemetry/loop-lag.ts'
import { FakeClock } from '../fakes/clock.ts'

describe('loopLag()', () => {
  test('tells by how much a timer was late', async () => {
    const clock = new FakeClock()
    const seen: number[] = []
    let stalled = 0
    using _ = loopLag((seconds) => seen.push(seconds), {
      now: () => clock.now() + stalled,
      setTimer: clock.setTimer,
    })
    await clock.advance(100)
    stalled = 250
    await clock.advance(100)
    await clock.advance(100)
    expect(seen).toEqual([0, 0.25, 0])
  })

  test('takes a timer that rings early for one in time', async () => {
    const seen: number[] = []
    let ring = () => {}
    const setTimer = (_: number, call: () => void) => {
      ring = call
      return () => {}
    }
    using _ = loopLag((seconds) => seen.push(seconds), { now: () => 0, setTimer })
    ring()
    expect(seen).toEqual([0])
  })

  test('keeps no process alive', async () => {
    using _ = loopLag(() => {})
    const script = `import { loopLag } from './src/telemetry/loop-lag.ts'; loopLag(() => {})`
    const run = Bun.spawn([process.execPath, '-e', script], {
      stdout: 'ignore',
      stderr: 'ignore',
      timeout: 4_000,
    })
    expect(await run.exited).toBe(0)
  })
})
