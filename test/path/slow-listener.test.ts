import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { nextOf } from '../../src/pcm/supply.ts'
import { hostOf } from '../fakes/host.ts'
import { pcmOf, pulled, square } from '../fakes/samples.ts'
import { startSotto } from '../fakes/sotto.ts'

const LONG = 'This sentence is said again and again until nobody can bear to listen any more. '.repeat(45)
const clauseSeconds = 10
const RATE = 24_000

/** Asks for speech and reads nothing of the reply until told to. */
async function stalled(port: number, body: object): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  const text = JSON.stringify(body)
  socket.write(
    `POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
  socket.pause()
  return socket
}

const quiet = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('a stalled listener stops host calls, holds no slot, and hears all when it resumes', async () => {
  let [calls, running] = [0, 0]
  const host = hostOf('fake', {
    slots: 1,
    synthesize: async ({ index }) => {
      calls++
      running++
      const second = square(1, { level: 100 + index })
      const pcm = pcmOf(Array.from({ length: clauseSeconds }, () => second.slice()))
      return pulled({
        cancel: pcm.cancel,
        async read() {
          const samples = await nextOf(pcm)
          if (!samples) running--
          return samples
        },
      })
    },
  })
  await using sotto = await startSotto({ audio: { trim: false } }, [host])
  const socket = await stalled(sotto.port, {
    model: 'm',
    voice: 'alloy',
    response_format: 'pcm',
    input: LONG,
  })
  let before = -1
  while (before !== calls) {
    before = calls
    await quiet(150)
  }
  assert.ok(calls < 25, `host calls stop: ${calls} of 45 sentences were asked for`)
  assert.equal(running, 0)

  const other = await sotto.post({ input: LONG.slice(0, 80) })
  assert.equal(other.status, 200, 'the only slot is free for others')
  assert.ok((await other.arrayBuffer()).byteLength > RATE)

  let bytes = 0
  socket.on('data', (chunk) => (bytes += chunk.length))
  socket.resume()
  await new Promise((resolve, reject) => socket.on('end', resolve).on('error', reject))
  assert.ok(calls > 44)
  assert.ok(bytes > 45 * clauseSeconds * RATE * 2, 'nothing is lost')
})
