import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { freePort, listenOn } from '../fakes/port.ts'
import { square } from '../fakes/samples.ts'
import { startSotto } from '../fakes/sotto.ts'

const AT_ONCE = 6

/**
 * A host that says it keeps connections, and closes each as its second request comes. The first ones are answered only
 * together, so that there are as many.
 */
async function startForgetful() {
  const audio = Buffer.from(square(0.3).buffer)
  const head = `HTTP/1.1 200 OK\r\ncontent-type: audio/pcm\r\ncontent-length: ${audio.length}\r\n\r\n`
  const count = { answered: 0, closed: 0 }
  const waiting: Socket[] = []
  const open: Socket[] = []
  const answer = (socket: Socket) => {
    count.answered++
    socket.write(Buffer.concat([Buffer.from(head), audio]))
  }
  const server = createServer((socket) => {
    let isUsed = false
    open.push(socket)
    socket
      .on('error', () => {})
      .on('data', (data) => {
        if (!String(data).startsWith('POST ')) return // the body may come by itself
        if (isUsed) {
          count.closed++
          return socket.resetAndDestroy()
        }
        isUsed = true
        waiting.push(socket)
        if (count.answered + waiting.length >= AT_ONCE) for (const each of waiting.splice(0)) answer(each)
      })
  })
  const port = await listenOn(server, await freePort())
  return {
    url: `http://127.0.0.1:${port}`,
    count,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('connections that a host has closed while they lay idle fail no call, however many there are', async () => {
  await using host = await startForgetful()
  const gpu = { id: 'gpu', kind: 'openai', url: host.url, model: 'm', slots: 8, voices: [{ id: 'v' }] }
  await using sotto = await startSotto({ hosts: [gpu], attempts: { tries: 0 }, degrade: 'never' })
  const say = async (i: number) => {
    const response = await sotto.post({ voice: 'v', input: `Hello ${i}.` })
    const { length } = await response.bytes()
    return [response.status, length > 0]
  }
  for (let round = 0; round < 4; round++) {
    const said = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => say(AT_ONCE * round + i)))
    assert.deepEqual(said, Array(AT_ONCE).fill([200, true]))
  }
  assert.equal(host.count.answered, 4 * AT_ONCE)
  assert.ok(host.count.closed > 0) // or nothing was shown
})
