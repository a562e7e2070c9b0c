import { expect, test } from 'bun:test'
import manifest from '../package.json' with { type: 'json' }
import { cli } from '../src/cli.ts'
import { SpeechError } from '../src/errors.ts'
import { hostOf } from './fakes/host.ts'
import { shellOf } from './fakes/shell.ts'

test('cli() prints its version', async () => {
  const shell = shellOf()
  expect(await cli(['--version'], shell)).toBe(0)
  expect(shell.out()).toBe(`${manifest.version}\n`)
})

test.each([[], ['--help'], ['-h'], ['help']])('cli() tells of every command: %j', async (...args) => {
  const shell = shellOf()
  expect(await cli(args, shell)).toBe(0)
  for (const name of ['serve', 'say', 'split', 'voices', 'check', 'healthcheck']) {
    expect(shell.out()).toContain(`  ${name} `)
  }
})

test.each(['serve', 'say', 'split', 'voices', 'check', 'healthcheck'])('cli() teaches %s', async (name) => {
  const [flag, word] = [shellOf(), shellOf()]
  expect(await cli([name, '--help'], flag)).toBe(0)
  expect(await cli(['help', name], word)).toBe(0)
  expect(word.out()).toBe(flag.out())
  expect(flag.out()).toContain(`Usage: sotto ${name} `)
  expect(flag.out()).toContain('Examples:\n  ')
  expect(flag.out()).toContain('--config FILE')
  expect(
    flag
      .out()
      .split('\n')
      .every((line) => line.length <= 120),
  ).toBe(true)
})

test.each([
  [['sya', 'hi'], 'There is no command sya; did you mean say?', 'sotto --help'],
  [['banana'], 'There is no command banana', 'sotto --help'],
  [['--prot', '1'], 'There is no flag --prot before the command', 'sotto --help'],
  [['serve', '--prot', '1'], 'There is no flag --prot; did you mean --port?', 'sotto serve --help'],
  [['serve', 'now'], 'sotto serve takes no arguments, but got "now"', 'sotto serve --help'],
  [['serve', '--port'], '--port needs a value: --port PORT', 'sotto serve --help'],
  [['say', 'hi', '-o', '--json'], '-o needs a value: -o FILE', 'sotto say --help'],
  [['split', '--json=3'], '--json takes no value', 'sotto split --help'],
  [
    ['split', '-5 degrees'],
    'There is no flag -5; put -- before text that begins with a dash',
    'sotto split --help',
  ],
  [['check', 'a', 'b'], 'sotto check takes one file', 'sotto check --help'],
  [['check', '--config', 'a', 'b'], 'sotto check takes one file', 'sotto check --help'],
] as const)('cli() refuses %j with exit code 2 and where to look', async (args, message, help) => {
  const shell = shellOf()
  expect(await cli(args, shell)).toBe(2)
  expect(shell.err()).toBe(`${message}\nTry: ${help}\n`)
  expect(shell.out()).toBe('')
})

test('cli() takes text after -- as it is', async () => {
  const shell = shellOf()
  expect(await cli(['split', '--', '-5 degrees outside.'], shell)).toBe(0)
  expect(shell.out()).toBe('-5 degrees outside.\n')
})

test('cli() fails with exit code 1 and all mistakes of the config', async () => {
  const shell = shellOf({ env: { PORT: 'x', SOTTO_AUDIO__PACE: 'slow' } })
  expect(await cli(['voices'], shell)).toBe(1)
  expect(shell.err().split('\n')).toHaveLength(4)
  expect(shell.err()).toStartWith('The config has mistakes:\nPORT port: "x" is not allowed')
})

test('cli() fails with exit code 1 and the reason of a host', async () => {
  const synthesize = () =>
    Promise.reject(
      new SpeechError('Host cannot be reached', {
        code: 'unavailable',
        source: 'host',
        cause: new Error('refused'),
      }),
    )
  const shell = shellOf({ hosts: [hostOf('gpu', { synthesize })] })
  expect(await cli(['say', 'Hello.', '-o', '-'], shell)).toBe(1)
  expect(shell.err()).toBe('Host cannot be reached: refused\n')
})

test('cli() is quiet when the reader of its output has left', async () => {
  const onWrite = () => {
    throw Object.assign(new Error('broken pipe'), { code: 'EPIPE' })
  }
  const shell = shellOf({ onWrite })
  expect(await cli(['split', 'One. Two.'], shell)).toBe(141)
  expect(shell.err()).toBe('')
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])('cli() ends with the code of %s', async (signal, code) => {
  const never = () => new Promise<never>(() => {})
  const shell = shellOf({ hosts: [hostOf('gpu', { synthesize: never })] })
  const ended = cli(['say', 'Hello.', '-o', '-'], shell)
  setTimeout(() => shell.interrupt(signal), 5)
  expect(await ended).toBe(code)
  expect(shell.err()).toBe('')
})
