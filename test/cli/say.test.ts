import { afterEach, beforeEach, expect, spyOn, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Shell } from '../../src/cli/shell.ts'
import { cli } from '../../src/cli.ts'
import { estimate } from '../../src/dispatch/estimate.ts'
import { SpeechError } from '../../src/errors.ts'
import type { Clause, Synthesize } from '../../src/speech.ts'
import { hostOf } from '../fakes/host.ts'
import { pcmOf } from '../fakes/samples.ts'
import { type FakeShellOptions, shellOf } from '../fakes/shell.ts'

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sotto-say-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

/** A host that keeps what it is asked and says each clause as a tone, as long as a voice would take. */
function recorder(synthesize: Synthesize = async (clause) => pcmOf([tone(24_000 * estimate(clause))])) {
  const heard: Clause[] = []
  const host = hostOf('gpu', {
    voices: ['ann', 'bob'],
    synthesize: (clause, options) => {
      heard.push(clause)
      return synthesize(clause, options)
    },
  })
  return { heard, hosts: [host] }
}

const tone = (length: number) => Int16Array.from({ length }, (_, i) => 8000 * Math.sin(i / 10))
const shellIn = (options: FakeShellOptions) => shellOf({ cwd, ...options })
const fileOf = (name: string) => readFileSync(join(cwd, name))

test('say writes a WAV file with true sizes, under its name only, and tells how it went', async () => {
  const shell = shellIn({ hosts: recorder().hosts })
  expect(await cli(['say', 'Hello from the edge.', '-o', 'hello.wav'], shell)).toBe(0)
  expect(readdirSync(cwd)).toEqual(['hello.wav'])
  const wav = fileOf('hello.wav')
  expect(wav.length).toBeGreaterThan(10_000)
  expect(wav.readUInt32LE(4)).toBe(wav.length - 8)
  expect(wav.readUInt32LE(24)).toBe(24_000)
  expect(wav.readUInt32LE(40)).toBe(wav.length - 44)
  expect(shell.err()).toMatch(
    /^hello\.wav: 1\.\d\d s of speech in \d+\.\d\d s \(real-time factor \d\.\d{3}\), first audio after \d+ ms\n$/,
  )
  expect(shell.out()).toBe('')
})

test('say puts a stream into a pipe at once, with the sizes of a stream', async () => {
  const shell = shellIn({ hosts: recorder().hosts })
  expect(await cli(['say', 'Hello.', '-o', '-', '--rate', '16000'], shell)).toBe(0)
  const wav = Buffer.concat(shell.written)
  expect(wav.toString('latin1', 0, 4)).toBe('RIFF')
  expect(wav.readUInt32LE(24)).toBe(16_000)
  expect(wav.readUInt32LE(40)).toBe(0xffff_ffff)
  expect(shell.err()).toStartWith('0.')
})

test('say takes the place of a file only when the new one is whole', async () => {
  writeFileSync(join(cwd, 'a.wav'), 'old')
  const fails = recorder(async () => pcmOf([tone(6000)], { fails: new Error('cut') }))
  expect(await cli(['say', 'Hello.', '-o', 'a.wav'], shellIn({ hosts: fails.hosts }))).toBe(1)
  expect(readdirSync(cwd)).toEqual(['a.wav'])
  expect(fileOf('a.wav').toString()).toBe('old')
  expect(await cli(['say', 'Hello.', '-o', 'a.wav'], shellIn({ hosts: recorder().hosts }))).toBe(0)
  expect(fileOf('a.wav').toString('latin1', 0, 4)).toBe('RIFF')
})

test('say leaves nothing behind when stopped, although its host never answers', async () => {
  let sent = 0
  const stalls: Synthesize = async () => {
    if (sent++ > 0) await new Promise(() => {})
    return pcmOf([tone(24_000)])
  }
  const shell = shellIn({ hosts: recorder(stalls).hosts })
  const ended = cli(
    ['say', 'This is the first one. This is the second one. And the third.', '-o', 'a.wav'],
    shell,
  )
  while (!readdirSync(cwd).some((name) => name.endsWith('.part'))) await Bun.sleep(1)
  shell.interrupt()
  expect(await ended).toBe(130)
  expect(readdirSync(cwd)).toEqual([])
})

test.each(['before', 'while'])('say ends the stream when stopped %s it is read', async (moment) => {
  const { promise: cancelled, resolve } = Promise.withResolvers<unknown>()
  const { promise: reading, resolve: read } = Promise.withResolvers<void>()
  const audio = { isOver: false, take: () => undefined, wait: () => read(), left: resolve }
  const shell = shellIn({ hosts: recorder().hosts })
  const speak = async () => ({ audio, capacity: 100, seconds: 0, degradedTo: undefined })
  const createServices: Shell['createServices'] = (config) => ({ ...shell.createServices(config), speak })
  const ended = cli(['say', 'Hello.', '-o', 'a.wav'], { ...shell, createServices })
  if (moment === 'while') await reading
  shell.interrupt()
  expect(await ended).toBe(130)
  expect(await cancelled).toMatchObject({ name: 'AbortError' })
})

test('say fails before it writes anything when the host does', async () => {
  const refuses = () =>
    Promise.reject(new SpeechError('Host is down', { code: 'unavailable', source: 'host' }))
  const shell = shellIn({ hosts: recorder(refuses).hosts })
  expect(await cli(['say', 'Hello.', '-o', 'a.mp3'], shell)).toBe(1)
  expect(shell.err()).toBe('Host is down\n')
  expect(readdirSync(cwd)).toEqual([])
})

test('say tells where piped text is not UTF-8, although some of it has been said', async () => {
  async function* stdin() {
    yield Buffer.from('This is the first sentence.\nAnd this one is ')
    yield Buffer.from([0x67, 0xfc, 0x6e, 0x2e])
  }
  const shell = shellIn({ hosts: recorder().hosts, stdin: [] })
  const piped = Object.create(shell, { stdin: { value: { isTTY: false, [Symbol.asyncIterator]: stdin } } })
  expect(await cli(['say', '-o', 'a.wav'], piped)).toBe(1)
  expect(shell.err()).toStartWith('Standard input is not UTF-8 at byte 46, in line 2; convert it first')
  expect(readdirSync(cwd)).toEqual([])
})

test('say tells why no host can speak', async () => {
  const ready = Promise.reject(new Error('its recording is missing'))
  ready.catch(() => {})
  const synthesize = async () => {
    throw new SpeechError('No voice', { code: 'unavailable', source: 'host' })
  }
  const shell = shellIn({ hosts: [hostOf('gpu', { ready, synthesize })] })
  expect(await cli(['say', 'Hello.', '-o', '-'], shell)).toBe(1)
  expect(shell.err()).toBe('No host can speak as v now: gpu cannot speak: its recording is missing\n')
})

test('say asks the host for the voice, language, tone and speed that were given', async () => {
  const { heard, hosts } = recorder()
  const flags = ['--voice', 'bob', '--language', 'en-GB', '--speed', '1.5', '--instructions', 'softly']
  expect(await cli(['say', 'Hello', 'there.', '-o', '-', ...flags], shellIn({ hosts }))).toBe(0)
  expect(heard).toMatchObject([
    { text: 'Hello there.', voice: 'bob', language: 'en-GB', speed: 1.5, instructions: 'softly' },
  ])
})

test('say takes the first voice when none is given, and other names of voices', async () => {
  const { heard, hosts } = recorder()
  expect(await cli(['say', 'Hello.', '-o', '-'], shellIn({ hosts }))).toBe(0)
  const env = { SOTTO_VOICE_ALIASES: '{robert: bob}' }
  expect(await cli(['say', 'Hello.', '-o', '-', '-v', 'robert'], shellIn({ hosts, env }))).toBe(0)
  expect(heard.map(({ voice }) => voice)).toEqual(['ann', 'bob'])
})

test('say speaks what is piped in while it is still being written', async () => {
  const { promise: speaking, resolve } = Promise.withResolvers<void>()
  const { heard, hosts } = recorder(async (clause) => {
    resolve()
    return pcmOf([tone(24_000 * estimate(clause))])
  })
  async function* stdin() {
    yield 'This is the first sentence of it. '
    await speaking // deadlocks unless the host is asked before the text ends
    yield 'This is the second.'
  }
  expect(await cli(['say', '-o', '-'], shellIn({ hosts, stdin: stdin() }))).toBe(0)
  expect(heard.map(({ text }) => text).join(' ')).toBe(
    'This is the first sentence of it. This is the second.',
  )
})

test('say counts no waiting for the writer of a text', async () => {
  const { now } = performance
  let waited = 0
  using _clock = spyOn(performance, 'now').mockImplementation(() => now.call(performance) + waited)
  async function* stdin() {
    waited += 60_000
    yield '\n'
    waited += 60_000
    yield 'This is the first sentence of it.'
  }
  const shell = shellIn({ hosts: recorder().hosts, stdin: stdin() })
  expect(await cli(['say', '-o', '-'], shell)).toBe(0)
  expect(shell.err()).toMatch(/ s of speech in [0-5]\.\d\d s \(.*first audio after \d{1,4} ms\n$/)
})

test('say reads a file', async () => {
  writeFileSync(join(cwd, 'story.txt'), '你好，世界。')
  const { heard, hosts } = recorder()
  expect(await cli(['say', '-f', 'story.txt', '-o', '-'], shellIn({ hosts }))).toBe(0)
  expect(heard.map(({ text }) => text).join('')).toBe('你好，世界。')
})

test.each([
  ['a.wav', 'RIFF'],
  ['a.FLAC', 'fLaC'],
  ['a.opus', 'OggS'],
  ['a.ogg', 'OggS'],
])('say tells the format of %s by its ending', async (name, magic) => {
  expect(await cli(['say', 'Hello.', '-o', name], shellIn({ hosts: recorder().hosts }))).toBe(0)
  expect(fileOf(name).toString('latin1', 0, 4)).toBe(magic)
})

test('say lets --format win over the ending', async () => {
  expect(
    await cli(['say', 'Hi.', '-o', 'a.bin', '--format', 'pcm'], shellIn({ hosts: recorder().hosts })),
  ).toBe(0)
  expect(fileOf('a.bin').toString('latin1', 0, 4)).not.toBe('RIFF')
  expect(fileOf('a.bin').length % 2).toBe(0)
})

test.each([
  [['Hello.'], /^Say where the audio goes: -o hello\.mp3/],
  [['-o', 'a.wav'], /^There is no text: give it in quotes/],
  [['Hello.', '--file', 'a.txt', '-o', 'a.wav'], /^Give the text or --file, not both/],
  [['Hello.', '-o', 'a.txt'], /^There is no format txt; end the name with one of \.pcm, \.wav/],
  [['Hello.', '-o', 'a'], /^a does not tell its format; end the name with one of \.pcm, \.wav/],
  [['Hello.', '-o', 'a.wav', '-v', 'eve'], /^There is no voice eve; sotto voices lists them\nTry: /],
  [
    ['Hello.', '-o', 'a.wav', '-v', 'bobb'],
    /^There is no voice bobb; did you mean bob\? sotto voices lists them\n/,
  ],
  [
    ['Hello.', '-o', 'a.wav', '-l', 'klingon'],
    /^--language must be a BCP 47 tag such as .*, current value is klingon\n/,
  ],
  [['Hello.', '-o', '-', '--format', 'aac'], /^There is no format aac; use one of pcm, wav/],
  [
    ['Hello.', '-o', 'a.wav', '--speed', '5'],
    /^--speed must be a number from 0\.25 to 4, current value is 5/,
  ],
  [['Hello.', '-o', 'a.wav', '--speed', 'fast'], /current value is fast/],
  [['Hello.', '-o', 'a.wav', '--rate', '4000'], /^wav cannot have a rate of 4000; use any integer from 8000/],
])('say refuses %j with exit code 2', async (args, message) => {
  const shell = shellIn({ hosts: recorder().hosts })
  expect(await cli(['say', ...args], shell)).toBe(2)
  expect(shell.err()).toMatch(message)
  expect(readdirSync(cwd)).toEqual([])
})

test.each([
  [['Hello.', '-o', 'no/a.wav'], 'There is no folder for no/a.wav'],
  [['Hello.', '-o', '.', '--format', 'wav'], '. is a folder; give a file such as ./hello.wav'],
  [['-f', 'none.txt', '-o', 'a.wav'], 'There is no file none.txt'],
  [['-f', '.', '-o', 'a.wav'], '. is a folder; give a text file'],
  [['-f', 'gbk.txt', '-o', 'a.wav'], 'gbk.txt is not UTF-8 at byte 1, in line 1; convert it first'],
  [['…', '-o', 'a.wav'], /^Nothing to say/],
])('say fails on %j with exit code 1', async (args, message) => {
  writeFileSync(join(cwd, 'gbk.txt'), Buffer.from([0xc4, 0xe3, 0xba, 0xc3]))
  const shell = shellIn({ hosts: recorder().hosts })
  expect(await cli(['say', ...args], shell)).toBe(1)
  expect(shell.err()).toMatch(message)
  expect(readdirSync(cwd)).toEqual(['gbk.txt'])
})

test('say tells that another voice has stood in, and why a host could not be asked', async () => {
  const cause = new Error('connect ECONNREFUSED')
  const synthesize = async () => {
    throw new SpeechError('Host "gpu" cannot be reached', {
      code: 'unavailable',
      source: 'host',
      retryable: true,
      cause,
    })
  }
  const gpu = hostOf('gpu', { synthesize })
  const spare = hostOf('spare', { fallback: true, voices: ['auto'] })
  const helped = shellIn({ hosts: [gpu, spare] })
  expect(await cli(['say', 'Hello.', '--voice', 'v', '-o', '-'], helped)).toBe(0)
  expect(helped.err()).toContain('No other host could speak: spare has stood in with a voice of its own')
  const alone = shellIn({ hosts: [gpu] })
  expect(await cli(['say', 'Hello.', '--voice', 'v', '-o', '-'], alone)).toBe(1)
  expect(alone.err()).toContain('Host "gpu" cannot be reached: connect ECONNREFUSED')
})
