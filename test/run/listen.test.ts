import { describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { listen } from '../../src/run/listen.ts'
import { listenOnBun } from '../../src/run/listen-bun.ts'
import { listenOnNode } from '../../src/run/listen-node.ts'
import { urlOf } from '../../src/run/listener.ts'
import { freePort } from '../fakes/port.ts'

const here = async () => ({ port: await freePort(), hostname: '127.0.0.1' })

/** A reply that ends when it is told to. */
function slowReply() {
  const end = Promise.withResolvers<void>()
  const body = new ReadableStream({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode('one '))
      await end.promise
      controller.enqueue(new TextEncoder().encode('two'))
      controller.close()
    },
  })
  return { end, handler: () => new Response(body) }
}

/** A reply that begins, and fails when it is told to. */
function brokenReply() {
  const end = Promise.withResolvers<void>()
  const body = new ReadableStream({
    async pull(controller) {
      controller.enqueue(new TextEncoder().encode('one '))
      await end.promise
    },
  })
  return { end, body }
}

/** Asks over a raw socket: `ended` gives how the connection ended, an error or nothing. */
function ask(port: number, version: string) {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<Error | undefined>()]
  let text = ''
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(`GET / HTTP/${version}\r\nhost: x\r\n\r\n`)
  socket.on('data', (chunk) => {
    text += chunk
    if (text.includes('one ')) begun.resolve()
  })
  socket.on('error', ended.resolve).on('end', () => ended.resolve(undefined))
  return { begun: begun.promise, ended: ended.promise, text: () => text }
}

describe.each([
  ['listenOnBun()', listenOnBun],
  ['listenOnNode()', listenOnNode],
])('%s', (_, serve) => {
  test('answers with what the handler gives', async () => {
    const listener = await serve(
      async (request) => new Response(await request.text(), { status: 201 }),
      await here(),
    )
    const response = await fetch(listener.url, { method: 'POST', body: 'hello' })
    expect([response.status, await response.text()]).toEqual([201, 'hello'])
    await listener.stop()
  })

  test('refuses a port that is taken', async () => {
    const options = await here()
    const first = await serve(() => new Response(), options)
    await expect(serve(() => new Response(), options)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await first.stop()
  })

  test('lets a running reply end when it is stopped, and takes no new ones', async () => {
    const { end, handler } = slowReply()
    const listener = await serve(handler, await here())
    const response = await fetch(listener.url)
    const stopped = listener.stop({ drainMs: 5_000 })
    await expect(fetch(listener.url, { headers: { connection: 'close' } })).rejects.toThrow()
    end.resolve()
    expect(await response.text()).toBe('one two')
    await stopped
  })

  test.each(['1.0', '1.1'])('resets the connection of a reply that breaks off, HTTP/%s', async (version) => {
    const { end, body } = brokenReply()
    const listener = await serve(() => new Response(body), await here())
    const heard = ask(listener.port, version)
    await heard.begun
    end.reject(new Error('host died'))
    expect(await heard.ended).toMatchObject({ code: 'ECONNRESET' })
    expect(heard.text()).not.toContain('host died')
    await listener.stop()
  })

  test('has late replies fail before it cuts them, so that they can say why', async () => {
    const { end, handler } = slowReply()
    const listener = await serve(handler, await here())
    const response = await fetch(listener.url)
    await listener.stop({ drainMs: 20, onLate: () => end.resolve() })
    expect(await response.text()).toBe('one two')
  })

  test('cuts a reply that does not end in time', async () => {
    const { handler } = slowReply()
    const listener = await serve(handler, await here())
    const response = await fetch(listener.url)
    await listener.stop({ drainMs: 20 })
    await expect(response.text()).rejects.toThrow()
  })
})

test('listenOnBun() serves who does not say whom he calls, as HTTP/1.0 allows', async () => {
  const handler = async (request: Request) =>
    new Response(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`)
  const listener = await listenOnBun(handler, await here())
  const socket = connect({ port: listener.port, host: '127.0.0.1' })
  socket.write('POST /healthz HTTP/1.0\r\ncontent-length: 4\r\n\r\none ')
  let text = ''
  for await (const chunk of socket) text += chunk
  expect(text).toEndWith('POST /healthz one ')
  await listener.stop()
})

test('listenOnNode() sends the head and what came before a break, though that follows at once', async () => {
  const pieces = [new TextEncoder().encode('one ')]
  const pull = (controller: ReadableStreamDefaultController) => {
    const piece = pieces.pop()
    if (piece) controller.enqueue(piece)
    else throw new Error('broke off')
  }
  const body = new ReadableStream({ pull }, { highWaterMark: 0 })
  const listener = await listenOnNode(async () => new Response(body), await here())
  const heard = ask(listener.port, '1.0')
  expect(await heard.ended).toMatchObject({ code: 'ECONNRESET' })
  expect(heard.text()).toMatch(/^HTTP.1.1 200 OK.*one /s)
  await listener.stop()
})

test('listenOnNode() resets what it cuts, which to HTTP/1.0 would be whole otherwise', async () => {
  const { handler } = slowReply()
  const listener = await listenOnNode(handler, await here())
  const heard = ask(listener.port, '1.0')
  await heard.begun
  await listener.stop({ drainMs: 20 })
  expect(await heard.ended).toMatchObject({ code: 'ECONNRESET' })
})

test('listenOnBun() tells for HEAD how long the reply to GET is', async () => {
  const listener = await listenOnBun(({ method }) => new Response(`${method} it is`), await here())
  const response = await fetch(listener.url, { method: 'HEAD' })
  expect([response.headers.get('content-length'), await response.text()]).toEqual(['9', ''])
  await listener.stop()
})

test('listen() takes what its runtime has', async () => {
  const listener = await listen(() => new Response('x'), await here())
  expect(await (await fetch(listener.url)).text()).toBe('x')
  await listener.stop()
})

test('urlOf() leads to this machine where every address is bound, and puts IPv6 in brackets', () => {
  expect(urlOf('0.0.0.0', 1)).toBe('http://localhost:1')
  expect(urlOf('::', 1)).toBe('http://localhost:1')
  expect(urlOf('fd00::7', 1)).toBe('http://[fd00::7]:1')
})
