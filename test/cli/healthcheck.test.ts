import { expect, test } from 'bun:test'
import { localUrl } from '../../src/cli/healthcheck.ts'
import { cli } from '../../src/cli.ts'
import { shellOf } from '../fakes/shell.ts'

async function ask(
  args: readonly string[],
  { env = {}, answer = () => Response.json({ status: 'ready', troubles: [] }) } = {},
) {
  const asked: string[] = []
  const fetch = async (url: string) => {
    asked.push(url)
    return answer()
  }
  const shell = shellOf({ env, fetch })
  const code = await cli(['healthcheck', ...args], shell)
  return { code, asked, out: shell.out(), err: shell.err() }
}

test('healthcheck asks the server of the config on this machine', async () => {
  const { code, asked, out } = await ask([], { env: { SOTTO_HOST: '0.0.0.0', PORT: '9000' } })
  expect({ code, asked, out }).toEqual({
    code: 0,
    asked: ['http://127.0.0.1:9000/readyz'],
    out: 'http://127.0.0.1:9000 is ready\n',
  })
})

test('healthcheck asks the server that is named', async () => {
  expect((await ask(['--url', 'http://10.0.0.7:81'])).asked).toEqual(['http://10.0.0.7:81/readyz'])
  expect((await ask(['--url', 'http://h/sotto/'])).asked).toEqual(['http://h/sotto/readyz'])
  expect((await ask(['--url', 'http://h/sotto/readyz'])).asked).toEqual(['http://h/sotto/readyz'])
  expect((await ask(['--url', 'h:81'])).err).toStartWith('"h:81" is no address')
  expect((await ask(['--port', '82'])).asked).toEqual(['http://127.0.0.1:82/readyz'])
})

test('healthcheck fails with the reason of a server that is not ready', async () => {
  const { code, err } = await ask([], { answer: () => new Response('local is starting\n', { status: 503 }) })
  expect(code).toBe(1)
  expect(err).toBe('http://127.0.0.1:8080 is not ready (503): local is starting\n')
})

test('healthcheck fails when another server answers', async () => {
  for (const body of ['<html>', 'null', '{"status":"ok"}']) {
    const { code, err } = await ask([], { answer: () => new Response(body) })
    expect({ code, err }).toEqual({
      code: 1,
      err: `http://127.0.0.1:8080 answers as no sotto does: ${body}\n`,
    })
  }
})

test('healthcheck is content with a server that is only full', async () => {
  const answer = () => Response.json({ status: 'full', troubles: [] }, { status: 503 })
  expect(await ask([], { answer })).toMatchObject({ code: 0, out: 'http://127.0.0.1:8080 is full\n' })
})

test('healthcheck fails when nobody answers', async () => {
  const answer = () => {
    throw new Error('connection refused')
  }
  const { code, err } = await ask([], { answer })
  expect(code).toBe(1)
  expect(err).toBe('http://127.0.0.1:8080 does not answer: connection refused\n')
})

test.each([
  ['127.0.0.1', 'http://127.0.0.1:1'],
  ['0.0.0.0', 'http://127.0.0.1:1'],
  ['::', 'http://[::1]:1'],
  ['fd00::7', 'http://[fd00::7]:1'],
])('localUrl() reaches what listens on %s', (host, url) => {
  expect(localUrl({ host, port: 1 })).toBe(url)
})
