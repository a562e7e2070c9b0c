import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cli } from '../../src/cli.ts'
import { hostOf } from '../fakes/host.ts'
import { type FakeShellOptions, shellOf } from '../fakes/shell.ts'

async function split(args: readonly string[], options?: FakeShellOptions): Promise<string[]> {
  const shell = shellOf(options)
  expect(await cli(['split', ...args], shell)).toBe(0)
  return shell.out().split('\n').slice(0, -1)
}

test('split shows one clause a line', async () => {
  const text =
    'Dr. Smith drove 3.14 km to the office this morning. He was late! Was he really late again today?'
  expect((await split([text])).join(' ')).toBe(text)
  expect(await split([text])).toContain('Was he really late again today?')
})

test('split --json tells what is shown, what is said, and the pause after it', async () => {
  const lines = await split(['--json', 'Hello there, this is **one** sentence. And this is another one.'])
  const clauses = lines.map((line) => JSON.parse(line))
  expect(clauses.length).toBeGreaterThan(1)
  for (const [index, clause] of clauses.entries()) {
    expect(Object.keys(clause)).toEqual(['index', 'text', 'spoken', 'pauseMs'])
    expect(clause).toMatchObject({ index, pauseMs: expect.any(Number) })
  }
})

test('split --sentences shows plain sentences, as they were written', async () => {
  expect(await split(['--sentences', 'Hi. My name is **Dr. No**, and I know. 你好！再见。'])).toEqual([
    'Hi.',
    'My name is **Dr. No**, and I know.',
    '你好！',
    '再见。',
  ])
  const [first] = await split(['--sentences', '--json', 'Hi. Bye.'])
  expect(JSON.parse(first!)).toEqual({ index: 0, text: 'Hi.' })
})

test('split uses the config and the lexicon', async () => {
  const env = {
    SOTTO_TEXT__MARKDOWN: 'false',
    SOTTO_LEXICON: '[{pattern: sotto, replacement: so toe}, {pattern: sotto, replacement: mute, voice: v}]',
  }
  expect(await split(['**sotto** speaks.'], { env })).toEqual(['**sotto** speaks.'])
  const [clause] = await split(['--json', 'sotto speaks.'], { env })
  expect(JSON.parse(clause!)).toMatchObject({ text: 'sotto speaks.', spoken: 'so toe speaks.' })
})

test('split --voice cuts for that voice, and knows which there are', async () => {
  const env = { SOTTO_LEXICON: '[{pattern: It, replacement: That, voice: v}]' }
  const transcript = 'So it was, and so it is, and so it will be for as long as anybody asks for it.'
  const hosts = [{ ...hostOf('h'), voices: [{ id: 'v', languages: [], transcript }] }]
  const text = 'It is the first. It is the second. It is the third. It is the last of them all.'
  const spoken = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).spoken)
  const config = '[{id: h, kind: openai, url: "http://127.0.0.1:1", model: m, voices: [{id: v}]}]'
  expect(spoken(await split(['--json', text], { env, hosts }))).toHaveLength(4)
  expect(await split([text], { env: { ...env, SOTTO_HOSTS: config }, hosts })).toHaveLength(2) // as say without a voice
  expect(spoken(await split(['--json', '--voice', 'alloy', text], { env, hosts }))).toEqual([
    'That is the first. That is the second. That is the third.',
    'That is the last of them all.',
  ])
  const shell = shellOf({ env, hosts })
  expect(await cli(['split', '--voice', 'w', text], shell)).toBe(2)
  expect(shell.err()).toStartWith('There is no voice w; ')
})

test('split shows what is sure while the text is still being written', async () => {
  const { promise: shown, resolve } = Promise.withResolvers<void>()
  async function* stdin() {
    yield 'This is the first sentence of it. And '
    await shown // deadlocks unless the first clause has come out
    yield 'this is the second.'
  }
  expect(await split([], { stdin: stdin(), onWrite: () => resolve() })).toEqual([
    'This is the first sentence of it.',
    'And this is the second.',
  ])
})

test('split shows the same clauses, however slowly the text is written', async () => {
  async function* stdin() {
    yield 'It took him 3.'
    await Bun.sleep(10) // live text would be taken for ended here
    yield '14 seconds.'
  }
  const env = { SOTTO_CLAUSES__MAX_BUFFER_DELAY_MS: '1' }
  expect(await split([], { stdin: stdin(), env })).toEqual(['It took him 3.14 seconds.'])
})

test('split reads no further than its reader has', async () => {
  let given = 0
  function* stdin() {
    for (; given < 1000; given++) yield `Sentence number ${given} is read here. `
  }
  let lines = 0
  const onWrite = () => {
    if (++lines === 5) throw Object.assign(new Error('broken pipe'), { code: 'EPIPE' })
  }
  expect(await cli(['split'], shellOf({ stdin: stdin(), onWrite }))).toBe(141)
  expect(given).toBeLessThan(40)
})

test('split reads a file', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'sotto-split-'))
  writeFileSync(join(cwd, 'story.txt'), '\ufeffOnce upon a time there was a voice. It spoke.')
  expect((await split(['--file', 'story.txt'], { cwd })).join(' ')).toBe(
    'Once upon a time there was a voice. It spoke.',
  )
  rmSync(cwd, { recursive: true })
})
