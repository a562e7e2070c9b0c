import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '../src/config/mistakes.ts'
import { type LoadOptions, loadConfig, parseConfig } from '../src/config.ts'

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sotto-config-'))
})
afterAll(() => rmSync(cwd, { recursive: true }))

const load = (options: LoadOptions = {}) => loadConfig({ cwd, env: {}, ...options })

function file(text: string, name = 'sotto.test.yaml'): string {
  writeFileSync(join(cwd, name), text)
  return name
}

/** The mistakes as they are printed. */
function mistakesOf(options: LoadOptions): string[] {
  try {
    load(options)
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message.split('\n')
    throw thrown
  }
  return []
}

const mistakesIn = (text: string): string[] => mistakesOf({ path: file(text) })

test('loadConfig() speaks with the embedded voice on port 8080 when nothing is set', () => {
  const { config, file: read } = load()
  expect(read).toBeUndefined()
  expect(config).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    drainSeconds: 10,
    voiceAliases: {},
    lexicon: [],
  })
  expect(config.hosts).toMatchObject([{ id: 'local', kind: 'embedded' }])
  expect(config.audio.ringMs).toBe(160)
  expect(config.clauses.maxChars).toBe(200)
})

test('loadConfig() reads YAML, fills in defaults and freezes all of it', () => {
  const path = file('port: 9000\nclauses:\n  maxChars: 300\nvoiceAliases: { alloy: 中文女 }\n')
  const { config, file: read } = load({ path })
  expect(read).toBe(path)
  expect(config.port).toBe(9000)
  expect(config.clauses).toMatchObject({ maxChars: 300, firstChars: 24 })
  expect(config.voiceAliases).toEqual({ alloy: '中文女' })
  for (const part of [config, config.clauses, config.hosts, config.hosts[0]!])
    expect(Object.isFrozen(part)).toBe(true)
})

test('loadConfig() reads JSON', () => {
  const path = file('{\n\t"port": 9001,\n\t"audio": {"pace": "realtime"}\n}', 'sotto.test.json')
  expect(load({ path }).config).toMatchObject({ port: 9001, audio: { pace: 'realtime' } })
})

test('loadConfig() takes an empty file, and a setting with nothing after it, for the defaults', () => {
  expect(load({ path: file('# nothing yet\n') }).config).toEqual(parseConfig())
  expect(load({ path: file('text:\nvoiceAliases:\n  # alloy: xiaoxin\n') }).config).toEqual(parseConfig())
})

test('loadConfig() finds sotto.yaml, but SOTTO_CONFIG wins, and a given path wins over that', () => {
  const folder = join(cwd, 'found')
  mkdirSync(folder)
  writeFileSync(join(folder, 'sotto.json'), '{"port": 3}')
  expect(loadConfig({ cwd: folder, env: {} }).config.port).toBe(3)
  writeFileSync(join(folder, 'sotto.yaml'), 'port: 1')
  writeFileSync(join(folder, 'other.yaml'), 'port: 2')
  expect(loadConfig({ cwd: folder, env: {} })).toMatchObject({ file: 'sotto.yaml', config: { port: 1 } })
  const env = { SOTTO_CONFIG: 'other.yaml' }
  expect(loadConfig({ cwd: folder, env }).config.port).toBe(2)
  expect(loadConfig({ cwd: folder, env, path: 'sotto.yaml' }).config.port).toBe(1)
})

test('loadConfig() lets the environment win over the file, and flags over both', () => {
  const path = file('port: 1\nhost: 10.0.0.1\n')
  expect(load({ path, env: { PORT: '2' } }).config.port).toBe(2)
  expect(load({ path, env: { PORT: '2', SOTTO_PORT: '3' } }).config.port).toBe(3)
  const { config } = load({
    path,
    env: { PORT: '2', SOTTO_HOST: '::' },
    flags: { port: '4', host: undefined },
  })
  expect(config).toMatchObject({ port: 4, host: '::' })
})

test('loadConfig() reads any setting from a variable: groups by __, words by _, lists by number', () => {
  const env = {
    SOTTO_CLAUSES__MAX_BUFFER_DELAY_MS: '90',
    SOTTO_AUDIO__PACE: 'realtime',
    SOTTO_AUDIO__TRIM: 'false',
    SOTTO_HOSTS__0__ID: '1', // text, although it looks like a number
    SOTTO_HOSTS__0__KIND: 'embedded',
    SOTTO_VOICE_ALIASES: '{alloy: 中文女}',
    SOTTO_LEXICON: '[{"pattern":"sotto","replacement":"so toe"}]',
    SOTTO_DRAIN_SECONDS: '', // set to nothing: not set
  }
  const { config, ignored } = load({ env })
  expect(config.clauses.maxBufferDelayMs).toBe(90)
  expect(config.audio).toMatchObject({ pace: 'realtime', trim: false })
  expect(config.hosts).toMatchObject([{ id: '1', kind: 'embedded' }])
  expect(config.voiceAliases).toEqual({ alloy: '中文女' })
  expect(config.lexicon).toEqual([{ pattern: 'sotto', replacement: 'so toe' }])
  expect(config.drainSeconds).toBe(10)
  expect(ignored).toEqual([])
})

test('loadConfig() changes one setting of one host by a variable and leaves the file’s others', () => {
  const path = file('hosts:\n  - { id: a, kind: embedded }\n  - { id: b, kind: embedded, fallback: true }\n')
  const { config } = load({ path, env: { SOTTO_HOSTS__1__ID: 'c' } })
  expect(config.hosts).toMatchObject([{ id: 'a' }, { id: 'c', fallback: true }])
})

test('loadConfig() passes over what Kubernetes sets for a service named sotto, and tells of strangers', () => {
  const env = {
    SOTTO_PORT: 'tcp://10.3.0.1:8080',
    SOTTO_SERVICE_HOST: '10.3.0.1',
    SOTTO_SERVICE_PORT_HTTP: '8080',
    SOTTO_PORT_8080_TCP_ADDR: '10.3.0.1',
    SOTTO_GPU_PORT_50000_TCP_PORT: '50000',
    SOTTO_BANANA: '1',
    OTHER: '2',
  }
  expect(load({ env })).toMatchObject({ config: { port: 8080 }, ignored: ['SOTTO_BANANA'] })
})

test.each([
  ['PORT', 'http', 'PORT port: "http" is not allowed; use a whole number from 0 to 65535'],
  [
    'SOTTO_HOST',
    'not a host!',
    /host: "not a host!" is not allowed; it must be an address or a name, such as/,
  ],
  ['SOTTO_PORT', '.inf', /port: ".inf" is not allowed; use a whole number from 0 to 65535$/],
  ['SOTTO_AUDIO__PACE', 'slow', /audio\.pace: "slow" is not allowed; use one of fast, realtime$/],
  ['SOTTO_PROT', '1', 'SOTTO_PROT prot: is not a setting; did you mean SOTTO_PORT?'],
  [
    'SOTTO_CLAUSES__MAX_CHAR',
    '9',
    /clauses\.maxChar: is not a setting; did you mean SOTTO_CLAUSES__MAX_CHARS\?$/,
  ],
  [
    'SOTTO_CLAUSES_MAX_CHARS',
    '9',
    'SOTTO_CLAUSES_MAX_CHARS clausesMaxChars: is not a setting; did you mean SOTTO_CLAUSES__MAX_CHARS?',
  ],
  ['SOTTO_AUDO__PACE', 'fast', 'SOTTO_AUDO__PACE audo: is not a setting; did you mean SOTTO_AUDIO__PACE?'],
  [
    'SOTTO_CLAUSE__PAUSES__SENTENC',
    '9',
    'SOTTO_CLAUSE__PAUSES__SENTENC clause: is not a setting; did you mean SOTTO_CLAUSES__PAUSES__SENTENCE?',
  ],
  ['SOTTO_HOST__0__ID', 'a', /^SOTTO_HOST__0__ID host: A list is not allowed; use text/],
  ['SOTTO_HOSTZ__0__ID', 'a', /^SOTTO_HOSTZ__0__ID hostz: .* did you mean SOTTO_HOSTS__0__ID\?$/],
  ['SOTTO_BANANA__SIZE', '9', /^SOTTO_BANANA__SIZE banana: is not a setting; use one of SOTTO_PORT, /],
  ['SOTTO_HOSTS__0__KIND', 'embedded', /hosts\[0\]\.id: is missing; it must be text/],
])('loadConfig() names the variable that is wrong: %s=%s', (name, text, mistake) => {
  const mistakes = mistakesOf({ env: { [name]: text } })
  expect(mistakes).toHaveLength(1)
  expect(mistakes[0]!).toStartWith(`${name} `)
  expect(mistakes[0]!).toMatch(mistake)
})

test('loadConfig() names the flag that is wrong', () => {
  expect(mistakesOf({ flags: { port: 'x' }, path: file('port: 1') })).toEqual([
    '--port port: "x" is not allowed; use a whole number from 0 to 65535',
  ])
})

test('loadConfig() names file, line, column, setting, value and what is allowed, for all mistakes at once', () => {
  const mistakes = mistakesIn(`# mine
port: 80800
hosts:
  - id: gpu-1
    kind: cosyvoce-http
  - id: local
    kind: embedded
    falback: true
audio: { pace: slow, ringMs: "160" }
nonsense: 1
`)
  expect(mistakes.map((line) => line.replace(/use one of .*lexicon$/, 'use …'))).toEqual([
    'sotto.test.yaml:2:7 port: 80800 is not allowed; use a whole number from 0 to 65535',
    expect.stringMatching(
      /^sotto\.test\.yaml:5:11 hosts\[0\]\.kind: "cosyvoce-http" is not allowed; use one of .*\bbatch\b.* \(did you mean cosyvoice-http\?\)$/,
    ),
    'sotto.test.yaml:8:5 hosts[1].falback: is not a setting; did you mean fallback?',
    'sotto.test.yaml:9:16 audio.pace: "slow" is not allowed; use one of fast, realtime',
    'sotto.test.yaml:9:30 audio.ringMs: "160" is not allowed; use a whole number from 20 to 5000',
    'sotto.test.yaml:10:1 nonsense: is not a setting; use …',
  ])
})

test.each([
  ['hosts:\n  - kind: embedded\n', /^sotto\.test\.yaml:2:5 hosts\[0\]\.id: is missing; it must be text/],
  ['hosts: []\n', 'sotto.test.yaml:1:8 hosts: An empty list is not allowed; use a list of at least 1'],
  ['clauses: 5\n', 'sotto.test.yaml:1:10 clauses: 5 is not allowed; use a group of settings'],
  [
    'clauses: { minChars: 100, maxChars: 60 }\n',
    /^sotto\.test\.yaml:1:22 clauses\.minChars: 100 is not allowed; it must be at most half/,
  ],
  [
    'hosts:\n  - { id: a, kind: embedded }\n  - { id: a, kind: embedded }\n',
    'sotto.test.yaml:3:11 hosts[1].id: "a" is the id of hosts[0] already; give each its own',
  ],
  ['voiceAliases: { "": alloy }\n', /^sotto\.test\.yaml:1:\d+ voiceAliases\[""\]: is no name; give it one$/],
  ['voiceAliases: { alloy: 5 }\n', /^sotto\.test\.yaml:1:24 voiceAliases\.alloy: 5 is not allowed; use text/],
])('loadConfig() explains %p', (text, mistake) => {
  const mistakes = mistakesIn(text)
  expect(mistakes).toHaveLength(1)
  expect(mistakes[0]!).toMatch(mistake)
})

test.each([
  ['port: 1\nport: 2\n', /^sotto\.test\.yaml:2:1: Map keys must be unique/],
  ['text:\n\tmaxChars: 1\n', /^sotto\.test\.yaml:2:1: Tabs are not allowed/],
  ['port: 1\nhosts: [\n', /^sotto\.test\.yaml:\d:\d/],
  ['a: *nope\n', /^sotto\.test\.yaml:1:1: Unresolved alias/],
  [
    'port: 1\n---\nport: 2\n',
    'sotto.test.yaml:2:1: A second document begins here; put all settings into one',
  ],
  ['port: !secret x\n', /^sotto\.test\.yaml:1:7: Unresolved tag/],
  ['- 1\n', 'sotto.test.yaml:1:1: The file must hold settings, one `name: value` a line'],
])('loadConfig() names the line of broken YAML: %p', (text, mistake) => {
  expect(mistakesIn(text)[0]!).toMatch(mistake)
})

test('loadConfig() refuses a file that is not there, and a folder', () => {
  expect(mistakesOf({ path: 'none.yaml' })).toEqual(['none.yaml: There is no such file'])
  expect(mistakesOf({ path: '.' })).toEqual(['.: Cannot read the file: EISDIR'])
})

test('loadConfig() refuses a file that is not UTF-8 rather than read other words than were written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-config-'))
  const path = join(folder, 'gbk.yaml')
  writeFileSync(path, Buffer.from([...Buffer.from('lexicon: [{ pattern: '), 0xd6, 0xd8]))
  expect(mistakesOf({ path })).toEqual([`${path}: The file is not UTF-8; save it as such`])
  rmSync(folder, { recursive: true })
})

const clone = (promptWav: string) => `
hosts:
  - id: gpu
    kind: cosyvoice-http
    url: http://127.0.0.1:50000
    model: cosyvoice2
    voices:
      - { id: xiaoxin, mode: zero_shot, promptWav: ${promptWav}, promptText: 希望你以后能够做的比我还好呦。 }
`

test('loadConfig() takes a prompt’s path from the folder of the file that names it', () => {
  mkdirSync(join(cwd, 'conf/voices'), { recursive: true })
  const wav = join(cwd, 'conf/voices/x.wav')
  writeFileSync(wav, '')
  writeFileSync(join(cwd, 'conf/sotto.yaml'), clone('./voices/x.wav'))
  const { config } = load({ path: 'conf/sotto.yaml' })
  expect(config.hosts[0]).toMatchObject({ voices: [{ promptWav: wav }] })
  const env = { SOTTO_HOSTS__0__VOICES__0__PROMPT_WAV: 'conf/voices/x.wav' }
  expect(load({ path: file(clone('nowhere.wav')), env }).config.hosts[0]).toMatchObject({
    voices: [{ promptWav: wav }],
  })
})

test('loadConfig() tells of a prompt that is not there', () => {
  const path = join(cwd, 'no.wav')
  expect(mistakesIn(clone('./no.wav'))).toEqual([
    `sotto.test.yaml:8:52 hosts[0].voices[0].promptWav: ${JSON.stringify(path)} does not exist`,
  ])
})

test('loadConfig() prints no secret: neither what a key holds nor a password in a URL', () => {
  const text = clone('x').replace('http://127.0.0.1:50000', 'ftp//me:hush@gpu')
  const all = [
    ...mistakesIn(text),
    ...mistakesOf({ env: { SOTTO_HOSTS__0__API_KEY: 'hush', SOTTO_HOSTS__0__KIND: 'embedded' } }),
    ...mistakesIn(clone('x').replace('url:', 'headers: Bearer hush\n    url:')),
    ...mistakesIn('port: tcp://me:hush@gpu?key=hush\n'),
  ]
  expect(all.length).toBeGreaterThan(3)
  expect(all.join('\n')).not.toContain('hush')
})

test('loadConfig() places a mistake that shows only later', () => {
  const loaded = load({ path: file('port: 1\nvoiceAliases:\n  alloy: nobody\n') })
  expect(loaded.mistake(['voiceAliases', 'alloy'], 'No host has the voice nobody').message).toBe(
    'sotto.test.yaml:3:10 voiceAliases.alloy: No host has the voice nobody',
  )
})

test('loadConfig() keeps settings named like an object’s own parts apart from them', () => {
  expect(mistakesOf({ env: { SOTTO_CONSTRUCTOR__PROTOTYPE__PORT: '1' } })[0]).toContain('is not a setting')
  expect(mistakesIn('__proto__: { port: 5 }\n')[0]).toMatch(
    /^sotto\.test\.yaml:1:1 __proto__: is not a setting/,
  )
  expect(({} as Record<string, unknown>).port).toBeUndefined()
})

test('parseConfig() fills in the defaults of settings made by hand and leaves them as they were', () => {
  const settings = { port: 0, hosts: [{ id: 'a', kind: 'embedded' }] }
  expect(parseConfig(settings)).toMatchObject({ port: 0, hosts: [{ id: 'a' }] })
  expect(settings).toEqual({ port: 0, hosts: [{ id: 'a', kind: 'embedded' }] })
  expect(() => parseConfig({ port: -1 })).toThrow(
    'port: -1 is not allowed; use a whole number from 0 to 65535',
  )
})
