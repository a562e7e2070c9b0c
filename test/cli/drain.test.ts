import { expect, test } from 'bun:test'
import { drain } from '../../src/cli/drain.ts'
import type { Output } from '../../src/cli/shell.ts'
import { FakeClock } from '../fakes/clock.ts'
import { shellOf } from '../fakes/shell.ts'

const onLate = () => {}

/** A server that stops when it is told to. */
function draining(stderr?: Output) {
  const clock = new FakeClock()
  const shell = shellOf()
  const stopped = Promise.withResolvers<void>()
  const asked: unknown[] = []
  const stop = (options?: object) => {
    asked.push(options)
    return stopped.promise
  }
  const done = drain(
    { stop },
    {
      seconds: 10,
      stderr: stderr ?? shell.stderr,
      onLate,
      setTimer: clock.setTimer,
    },
  )
  return { clock, shell, stopped, asked, done }
}

test('drain() says what is waited for, once, and lets replies go on for so long', async () => {
  const { clock, shell, stopped, asked, done } = draining()
  expect(asked).toEqual([{ drainMs: 10_000, onLate }])
  await clock.advance(9_000)
  expect(shell.err()).toBe('Waiting up to 10 s for running replies to end; Ctrl-C again to stop now\n')
  stopped.resolve()
  await done
})

test('drain() is silent about a server that stops at once', async () => {
  const { clock, shell, stopped, done } = draining()
  stopped.resolve()
  await done
  await clock.advance(1_000)
  expect([shell.err(), clock.timers]).toEqual(['', 0])
})

test('drain() goes on when nobody can be told', async () => {
  const write = () => Promise.reject(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }))
  const { clock, stopped, done } = draining({ isTTY: false, write })
  await clock.advance(1_000)
  stopped.resolve()
  await done
})
