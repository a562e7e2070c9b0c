import { expect, test } from 'bun:test'
import { cli } from '../../src/cli.ts'
import { SpeechError } from '../../src/errors.ts'
import { listen } from '../../src/run/listen.ts'
import type { Handler, ListenOptions } from '../../src/run/listener.ts'
import type { Host } from '../../src/speech.ts'
import { hostOf } from '../fakes/host.ts'
import { paced } from '../fakes/samples.ts'
import { type FakeShellOptions, shellOf } from '../fakes/shell.ts'

function server(options: Omit<FakeShellOptions, 'listen' | 'hosts'> = {}) {
  const events: string[] = []
  const seen: { handler?: Handler; options?: ListenOptions } = {}
  const host: Host = {
    ...hostOf('gpu'),
    async [Symbol.asyncDispose]() {
      events.push('host ended')
    },
  }
  const { promise: listening, resolve } = Promise.withResolvers<void>()
  const shell = shellOf({
    ...options,
    hosts: [host],
    onWrite: () => resolve(),
    async listen(handler, { port, hostname }) {
      Object.assign(seen, { handler, options: { port, hostname } })
      return {
        port,
        url: `http://${hostname}:${port}`,
        async stop({ drainMs = 0 } = {}) {
          await Bun.sleep(1)
          events.push(`stopped within ${drainMs} ms`)
        },
      }
    },
  })
  return { shell, events, seen, listening }
}

test('serve says where to go, answers, and on a signal drains, ends its hosts and exits with 0', async () => {
  const { shell, events, seen, listening } = server({ env: { SOTTO_DRAIN_SECONDS: '3' } })
  const ended = cli(['serve'], shell)
  await listening
  expect(shell.out()).toStartWith('sotto is listening on http://localhost:8080\n')
  expect(shell.out()).toContain('curl -sN http://localhost:8080/v1/audio/speech')
  expect((await seen.handler!(new Request('http://localhost/healthz'))).status).toBe(200)
  expect(events).toEqual([])
  shell.interrupt('SIGTERM')
  expect(await ended).toBe(0)
  expect(events).toEqual(['stopped within 3000 ms', 'host ended'])
})

test('serve has replies fail that go on for longer than they may', async () => {
  const seen: { handler?: Handler } = {}
  const { promise: listening, resolve } = Promise.withResolvers<void>()
  const shell = shellOf({
    hosts: [hostOf('gpu', { synthesize: async () => paced() })],
    onWrite: () => resolve(),
    async listen(handler, { port }) {
      seen.handler = handler
      return { port, url: 'http://127.0.0.1', stop: async ({ onLate } = {}) => onLate?.() }
    },
  })
  const ended = cli(['serve'], shell)
  await listening
  const body = JSON.stringify({ model: 'm', voice: 'alloy', input: 'Hello.', response_format: 'pcm' })
  const ask = new Request('http://localhost/v1/audio/speech', { method: 'POST', body })
  const reply = await seen.handler!(ask)
  shell.interrupt('SIGTERM')
  await expect(reply.arrayBuffer()).rejects.toThrow('sotto is shutting down')
  expect(await ended).toBe(0)
})

test('serve names the hosts that cannot speak, and variables that set nothing', async () => {
  const ready = Promise.reject(new Error('its recording is no WAV'))
  ready.catch(() => {})
  const shell = shellOf({
    env: { SOTTO_BANANA: '1' },
    hosts: [hostOf('gpu', { ready })],
    listen: async (_, { port }) => ({ port, url: 'http://127.0.0.1', stop: async () => {} }),
  })
  const ended = cli(['serve'], shell)
  for (let i = 0; i < 500 && !shell.err().includes('cannot speak'); i++) await Bun.sleep(1)
  expect(shell.err()).toContain('gpu cannot speak: its recording is no WAV')
  expect(shell.err()).toContain('SOTTO_BANANA is no setting of sotto')
  shell.interrupt()
  expect(await ended).toBe(0)
})

test('serve goes on when nobody reads its complaints', async () => {
  const { shell, listening } = server({ env: { SOTTO_BANANA: '1' } })
  const stderr = { isTTY: false, write: () => Promise.reject(new Error('closed')) }
  const ended = cli(['serve'], { ...shell, stderr })
  await listening
  shell.interrupt()
  expect(await ended).toBe(0)
})

test('serve says which host fails', async () => {
  let handler: Handler | undefined
  const synthesize = () => Promise.reject(new SpeechError('no', { code: 'timeout', source: 'host' }))
  const shell = shellOf({
    env: {
      SOTTO_HOSTS__0__ID: 'gpu',
      SOTTO_HOSTS__0__KIND: 'openai',
      SOTTO_HOSTS__0__URL: 'http://127.0.0.1:1',
      SOTTO_HOSTS__0__MODEL: 'm',
      SOTTO_HOSTS__0__VOICES__0__ID: 'v',
    },
    hosts: [hostOf('gpu', { synthesize })],
    listen: async (given, { port }) => {
      handler = given
      return { port, url: 'http://127.0.0.1', stop: async () => {} }
    },
  })
  const ended = cli(['serve'], shell)
  while (!handler) await Bun.sleep(1)
  const body = JSON.stringify({ model: 'm', voice: 'v', input: 'Hello.' })
  const url = 'http://localhost/v1/audio/speech'
  expect((await handler(new Request(url, { method: 'POST', body }))).status).toBe(504)
  expect(shell.err()).toContain('Host gpu failed after')
  shell.interrupt()
  expect(await ended).toBe(0)
})

test.each(['nonsense', '300.1.1.1'])('serve explains that %p is no address', async (host) => {
  const shell = shellOf({ hosts: [hostOf('gpu')], listen })
  expect(await cli(['serve', '--port', '0', '--host', host], shell)).toBe(1)
  expect(shell.err()).toStartWith(`${host} is no address of this machine; try --host 127.0.0.1`)
})

test('serve takes port and address from its flags', async () => {
  const { shell, seen, listening } = server({ env: { PORT: '1' } })
  const ended = cli(['serve', '-p', '9000', '--host', '0.0.0.0'], shell)
  await listening
  expect(seen.options).toEqual({ port: 9000, hostname: '0.0.0.0' })
  shell.interrupt()
  expect(await ended).toBe(0)
})

test.each([
  ['EADDRINUSE', '127.0.0.1:8080 is taken by another program; choose a port with --port'],
  ['EACCES', 'Not allowed to listen on 127.0.0.1:8080; ports below 1024 are for root'],
  ...['EADDRNOTAVAIL', 'EINVAL', 'ENOTFOUND', 'ERR_INVALID_ARG_TYPE'].map((code) => [
    code,
    '127.0.0.1 is no address of this machine; try --host 127.0.0.1, or 0.0.0.0 for every one that it has',
  ]),
])('serve explains %s', async (code = '', message = '') => {
  const listen = () => Promise.reject(Object.assign(new Error('no'), { code }))
  const shell = shellOf({ hosts: [hostOf('gpu')], listen })
  expect(await cli(['serve'], shell)).toBe(1)
  expect(shell.err()).toBe(`${message}\n`)
})
