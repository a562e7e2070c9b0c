#!/usr/bin/env bun
import process from 'node:process'
import type { Output } from './cli/shell.ts'
import { tuneBun } from './run/tune-bun.ts'

const isServer = process.argv[2] === 'serve'
if (isServer) tuneBun()
const { cli } = await import('./cli.ts') // not before: it would be loaded twice
const { listen } = await import('./run/listen.ts')

/** One Ctrl-C comes twice within this time from `npm start`: by the terminal, and handed on by npm. */
const SAME_MS = 300

const stop = new AbortController()
let askedAt = Number.POSITIVE_INFINITY
// A server leaves SIGHUP as it is: `nohup` has it ignored.
for (const name of ['SIGINT', 'SIGTERM', ...(isServer ? [] : ['SIGHUP'])]) {
  process.on(name, () => {
    if (performance.now() - askedAt > SAME_MS) process.exit(130) // asked twice: no more waiting
    askedAt = Math.min(askedAt, performance.now())
    stop.abort(new DOMException(name, 'AbortError'))
  })
}

const code = await cli(process.argv.slice(2), {
  get stdin() {
    const { stdin } = process
    return Object.assign(stdin, { isTTY: stdin.isTTY === true })
  },
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
  listen,
  fetch,
})
// What still waits, such as a read of the terminal, must not keep a finished command alive.
process.exit(code)

function output(stream: NodeJS.WriteStream): Output {
  stream.on('error', () => {}) // the write that failed says so itself
  const write: Output['write'] = (data) =>
    new Promise((resolve, reject) => stream.write(data, (error) => (error ? reject(error) : resolve())))
  return { isTTY: stream.isTTY === true, terminal: stream, write }
}
