import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { Signal } from '../../src/speech.ts'
import { hostOf } from '../fakes/host.ts'
import { paced } from '../fakes/samples.ts'
import { startSotto } from '../fakes/sotto.ts'

const LONG = 'This sentence is one of many that will never be heard by anyone at all. '.repeat(40)

/** A host that speaks at real time for ever and notes when each call is told to stop. */
function tireless({ beforeAudio = false } = {}) {
  const ended: number[] = []
  const calls: Signal[] = []
  const host = hostOf('fake', {
    slots: 8,
    synthesize: async (_, { signal }) => {
      calls.push(signal)
      signal.addEventListener('abort', () => ended.push(performance.now()), { once: true })
      if (beforeAudio) {
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      }
      return paced()
    },
  })
  return { host, calls, ended }
}

/** Asks over a raw socket, leaves after `ms`, and gives when it left. */
async function askAndLeave(
  port: number,
  { ms, how }: { ms: number; how: 'destroy' | 'end' | 'resetAndDestroy' },
) {
  const socket = connect({ port, host: '127.0.0.1' })
  const text = JSON.stringify({ model: 'm', voice: 'alloy', response_format: 'pcm', input: LONG })
  socket.write(
    `POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  )
  socket.on('data', () => {})
  socket.on('error', () => {})
  await new Promise((resolve) => setTimeout(resolve, ms))
  socket[how]()
  return performance.now()
}

async function until(happened: () => boolean, ms = 2_000): Promise<void> {
  for (const end = performance.now() + ms; !happened() && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  assert.ok(happened(), 'happens in time')
}

for (const how of ['destroy', 'end', 'resetAndDestroy'] as const) {
  test(`a caller who leaves in the middle (${how}) ends every host call within 50 ms`, async () => {
    const { host, calls, ended } = tireless()
    await using sotto = await startSotto({}, [host])
    const left = await askAndLeave(sotto.port, { ms: 150, how })
    await until(() => calls.length > 0 && ended.length === calls.length)
    assert.ok(Math.max(...ended) - left < 50, `took ${Math.max(...ended) - left} ms`)
    const before = calls.length
    await new Promise((resolve) => setTimeout(resolve, 60))
    assert.equal(calls.length, before, 'no clause is sent after that')
    assert.equal(sotto.services.budget.used, 0, 'no audio is kept')
  })
}

test('a caller who leaves before the first audio ends the host call within 50 ms', async () => {
  const { host, calls, ended } = tireless({ beforeAudio: true })
  await using sotto = await startSotto({}, [host])
  const left = await askAndLeave(sotto.port, { ms: 80, how: 'destroy' })
  await until(() => calls.length > 0 && ended.length === calls.length)
  assert.ok(Math.max(...ended) - left < 50, `took ${Math.max(...ended) - left} ms`)
})

test('callers who leave while they wait for a slot leave no trace', async () => {
  const { host, calls } = tireless()
  await using sotto = await startSotto({}, [{ ...host, slots: 1 }])
  const first = askAndLeave(sotto.port, { ms: 250, how: 'destroy' })
  await Promise.all(Array.from({ length: 5 }, () => askAndLeave(sotto.port, { ms: 100, how: 'destroy' })))
  assert.equal(calls.length, 1)
  await first
  await until(() => calls.every(({ aborted }) => aborted))
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(calls.length, 1, 'none of those who left was served')
})
