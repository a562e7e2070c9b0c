import { afterEach, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { directRing } from '../../src/pcm/direct-ring.ts'
import type { PumpSource } from '../../src/pcm/pump.ts'
import { settle } from '../fakes/clock.ts'
import { supplyOf } from '../fakes/supply.ts'

const servers: Bun.Server<undefined>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.stop(true)
})

/** A server that answers with what a source gives. */
function serve(source: PumpSource, capacity = 1000): string {
  const server = Bun.serve({
    port: 0,
    development: false,
    hostname: '127.0.0.1',
    fetch: () => new Response(directRing(source, { capacity })),
  })
  servers.push(server)
  return server.url.href
}

/** Pieces in one memory, as lent ones are: piece `n` is full of `n`. */
const lent = (count: number, size: number): PumpSource => {
  const memory = new Uint8Array(size)
  let piece = 0
  return supplyOf(async () => (piece < count ? memory.fill(++piece) : undefined))
}

/** Speaks HTTP/1.0 by hand: what came, and the error that it ended with. */
function http10(url: string): Promise<{ text: string; error: string | undefined }> {
  const { promise, resolve } = Promise.withResolvers<{ text: string; error: string | undefined }>()
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' })
  let text = ''
  let error: string | undefined
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
  })
  socket.on('error', (thrown: NodeJS.ErrnoException) => {
    error = thrown.code
  })
  socket.on('close', () => resolve({ text, error }))
  socket.write('GET / HTTP/1.0\r\n\r\n')
  return promise
}

describe('directRing()', () => {
  test('sends lent bytes in order, small ones too', async () => {
    for (const size of [1, 100, 5000]) {
      const bytes = await (await fetch(serve(lent(200, size)))).bytes()
      expect(bytes).toEqual(Uint8Array.from({ length: 200 * size }, (_, i) => 1 + Math.floor(i / size)))
    }
  })

  test('resets the connection of a listener who reads nothing once its source breaks', async () => {
    let failure: Error | undefined
    let breakOff = (_: unknown) => {}
    let taken = 0
    const source: PumpSource = {
      isOver: false,
      take() {
        if (failure) throw failure
        taken++
        return new Uint8Array(100_000)
      },
      wait() {},
      onBreak(given) {
        breakOff = given
      },
    }
    const socket = connect({ port: Number(new URL(serve(source, 100_000)).port), host: '127.0.0.1' })
    const ended = new Promise((resolve) =>
      socket.on('error', resolve).on('end', () => resolve('as if whole')),
    )
    socket.pause().write('GET / HTTP/1.0\r\n\r\n')
    for (let before = -1; taken === 0 || taken > before; await Bun.sleep(200)) before = taken // until it is full
    failure = new Error('shut down')
    breakOff(failure)
    await Bun.sleep(100)
    await servers.at(-1)!.stop(true) // as at the process's end: it must be reset by then
    socket.resume()
    expect(await ended).toMatchObject({ code: 'ECONNRESET' })
  })

  test('sends each piece at once, while more is awaited', async () => {
    const pieces = [Promise.withResolvers<Uint8Array<ArrayBuffer>>(), Promise.withResolvers<undefined>()]
    let asked = 0
    const reader = (
      await fetch(
        serve(
          supplyOf(() => {
            const piece = pieces[asked++]!
            if (asked === 1) piece.resolve(new Uint8Array([7]) as never)
            return piece.promise
          }),
        ),
      )
    ).body!.getReader()
    expect((await reader.read()).value).toEqual(new Uint8Array([7]))
    pieces[1]!.resolve(undefined as never)
    expect((await reader.read()).done).toBe(true)
  })

  test('takes no more than the connection does, and gives all of it intact to one who stalled', async () => {
    const [count, size] = [4000, 4800]
    let asked = 0
    const memory = new Uint8Array(size)
    const url = serve(supplyOf(async () => (asked < count ? memory.fill(++asked) : undefined)))
    const reader = (await fetch(url)).body!.getReader()
    const { value: first } = await reader.read()
    let before = -1
    while (before !== asked) {
      before = asked
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(asked).toBeLessThan(count)
    let at = 0
    let wrong = 0
    for (let bytes = first; bytes; bytes = (await reader.read()).value) {
      for (const byte of bytes) if (byte !== ((1 + Math.floor(at++ / size)) & 255)) wrong++
    }
    expect([at, wrong]).toEqual([count * size, 0])
  })

  test('resets the connection where its source fails, for HTTP/1.0 too', async () => {
    const failing = () => {
      const pieces = [new Uint8Array(5000).fill(65)]
      return supplyOf(async () => pieces.shift() ?? Promise.reject(new Error('secret')))
    }
    await expect((async () => (await fetch(serve(failing()))).bytes())()).rejects.toThrow()
    const { text, error } = await http10(serve(failing()))
    expect([error, text.includes('secret')]).toEqual(['ECONNRESET', false])
  })

  test('tells of a listener who leaves, while it waits and while it stalls', async () => {
    for (const size of [1, 100_000]) {
      const gone = Promise.withResolvers<unknown>()
      const leaving = new AbortController()
      let asked = 0
      const endless = supplyOf(async () => {
        if (size === 1 && asked > 0) await new Promise(() => {})
        asked++
        return new Uint8Array(size)
      })
      const url = serve(Object.assign(endless, { left: gone.resolve }))
      const reader = (await fetch(url, { signal: leaving.signal })).body!.getReader()
      await reader.read()
      leaving.abort()
      expect(await gone.promise).toMatchObject({ name: 'AbortError' })
      const at = asked
      for (let i = 0; i < 10; i++) await settle()
      expect(asked).toBe(at)
    }
  })

  test('refuses a capacity that is no positive integer', () => {
    expect(() => directRing(lent(1, 1), { capacity: 0.5 })).toThrow('capacity must be a positive integer')
  })
})
