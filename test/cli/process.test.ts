import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from '../fakes/port.ts'

const MAIN = resolve('src/main.ts')

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sotto-cli-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

/** The command as a user runs it; killed, should a test leave it. */
const sotto = (...args: string[]) =>
  Bun.spawn([process.execPath, MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: 60_000,
  })

const textOf = (stream: ReadableStream<Uint8Array>): Promise<string> => new Response(stream).text()

async function run(...args: string[]) {
  const child = sotto(...args)
  child.stdin.end()
  const [out, err, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), child.exited])
  return { code, out, err }
}

test('sotto say speaks English and Chinese into a file', async () => {
  const { code, out, err } = await run('say', 'Hello from the edge. 你好，世界。', '-o', 'hello.wav')
  expect({ code, out }).toEqual({ code: 0, out: '' })
  expect(err).toMatch(/^hello\.wav: \d\.\d\d s of speech in /)
  expect(readdirSync(cwd)).toEqual(['hello.wav'])
  const wav = readFileSync(join(cwd, 'hello.wav'))
  expect(wav.readUInt32LE(40)).toBe(wav.length - 44)
  expect(wav.length).toBeGreaterThan(2 * 24_000 * 1.5)
})

test('sotto say speaks what is piped in, into a pipe', async () => {
  const child = sotto('say', '-o', '-', '--format', 'pcm')
  const reader = child.stdout.getReader()
  child.stdin.write('This is the first sentence. ')
  await child.stdin.flush()
  const { value } = await reader.read() // the text has not ended: waits for ever unless it is spoken as it comes
  expect(value!.length).toBeGreaterThan(0)
  child.stdin.write('And this is the second.')
  child.stdin.end()
  let size = value!.length
  for (let next = await reader.read(); !next.done; next = await reader.read()) size += next.value.length
  expect(await child.exited).toBe(0)
  expect(size).toBeGreaterThan(2 * 24_000 * 2)
})

test.each([
  ['Ctrl-C', 'SIGINT', 130],
  ['a closed terminal', 'SIGHUP', 129],
] as const)('sotto say leaves nothing behind on %s', async (_, signal, code) => {
  writeFileSync(join(cwd, 'book.txt'), 'This is one more sentence of a long book. '.repeat(20_000))
  const child = sotto('say', '-f', 'book.txt', '-o', 'book.wav')
  while (!readdirSync(cwd).some((name) => name.endsWith('.part'))) await Bun.sleep(5)
  await Bun.sleep(100) // in the midst of it
  child.kill(signal)
  expect(await child.exited).toBe(code)
  expect(readdirSync(cwd)).toEqual(['book.txt'])
})

test('sotto split shows a clause before the next is written, and ends quietly with its reader', async () => {
  const child = sotto('split')
  const reader = child.stdout.getReader()
  child.stdin.write('This is the first sentence of it. And')
  await child.stdin.flush()
  const { value } = await reader.read()
  expect(new TextDecoder().decode(value)).toBe('This is the first sentence of it.\n')
  child.stdin.end()
  expect(await child.exited).toBe(0)
  const { stdout, stderr } = Bun.spawnSync([
    'sh',
    '-c',
    `yes 'Hello there. ' | "$0" "$1" split | head -n 2`,
    process.execPath,
    MAIN,
  ])
  expect(stdout.toString()).toBe('Hello there.\nHello there.\n')
  expect(stderr.toString()).toBe('')
})

test('sotto say writes into the pipe that /dev/stdout is, and leaves no file', () => {
  const { stdout } = Bun.spawnSync(
    ['sh', '-c', '"$0" "$1" say Hi. -o /dev/stdout --format wav 2>/dev/null | cat', process.execPath, MAIN],
    { cwd },
  )
  expect(stdout.subarray(0, 4).toString()).toBe('RIFF')
  expect(readdirSync(cwd).filter((name) => name.startsWith('pipe'))).toEqual([])
})

test('sotto check and a wrong flag end with their exit codes', async () => {
  writeFileSync(join(cwd, 'sotto.yaml'), 'port: 80800\n')
  const [check, flag] = await Promise.all([run('check'), run('say', '--prot')])
  expect(check).toMatchObject({ code: 1, out: '' })
  expect(check.err).toContain('sotto.yaml:1:7 port: 80800 is not allowed')
  expect(flag).toMatchObject({ code: 2, out: '' })
})

test('sotto serve speaks until it is told to end', async () => {
  const port = String(await freePort())
  const child = sotto('serve', '--port', port)
  const reader = child.stdout.getReader()
  const { value } = await reader.read()
  expect(new TextDecoder().decode(value)).toStartWith(`sotto is listening on http://localhost:${port}\n`)
  const body = JSON.stringify({ model: 'tts-1', voice: 'alloy', input: 'Hello.', response_format: 'wav' })
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(`http://localhost:${port}/v1/audio/speech`, { method: 'POST', headers, body })
  expect(reply.status).toBe(200)
  expect((await reply.bytes()).length).toBeGreaterThan(10_000)
  expect((await run('healthcheck', '--port', port)).code).toBe(0)
  expect((await run('serve', '--port', port)).err).toContain('is taken by another program')
  child.kill('SIGTERM')
  expect(await child.exited).toBe(0)
  expect((await run('healthcheck', '--port', port)).code).toBe(1)
})

test('sotto serve says at its start which host cannot be reached, and is not ready', async () => {
  const [port, dead] = [await freePort(), await freePort()]
  const host = {
    id: 'gpu',
    kind: 'openai',
    model: 'm',
    url: `http://127.0.0.1:${dead}/v1`,
    voices: [{ id: 'v' }],
  }
  writeFileSync(join(cwd, 'sotto.json'), JSON.stringify({ port, hosts: [host] }))
  const child = sotto('serve')
  const { value } = await child.stderr.getReader().read()
  expect(new TextDecoder().decode(value)).toBe('gpu cannot be reached: ECONNREFUSED\n')
  const reply = await fetch(`http://localhost:${port}/readyz`)
  expect([reply.status, await reply.json()]).toMatchObject([503, { status: 'not ready' }])
  child.kill('SIGTERM')
  expect(await child.exited).toBe(0)
})
