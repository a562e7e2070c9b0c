import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import type { JsonSchema } from '../../src/config/allowed.ts'
import { configSchema, loadConfig, parseConfig } from '../../src/config.ts'

const EXAMPLE = readFileSync('sotto.example.yaml', 'utf8')
const GUIDE = readFileSync('docs/config.md', 'utf8')

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sotto-example-'))
  mkdirSync(join(cwd, 'voices'))
  writeFileSync(join(cwd, 'voices/xiaoxin.wav'), '')
})
afterAll(() => rmSync(cwd, { recursive: true }))

const load = (text: string) => {
  writeFileSync(join(cwd, 'sotto.yaml'), text)
  return loadConfig({ cwd, env: {} }).config
}

/** Every setting's name and default, groups and kinds of host taken apart. */
function* settingsOf(
  schema: JsonSchema & { default?: unknown },
): Generator<{ name: string; value?: unknown }> {
  for (const choice of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) yield* settingsOf(choice)
  if (schema.items) yield* settingsOf(schema.items)
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    yield { name, value: (inner as { default?: unknown }).default }
    yield* settingsOf(inner)
  }
}

const SETTINGS = [
  ...settingsOf(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema),
]

/** Takes the sign from comments that are a setting or an entry of a list. */
const uncomment = (yaml: string) => yaml.replaceAll(/^( *)# ( *(?:- |# |\w+:).*)$/gm, '$1$2')

/** The example with all that it only shows; within what it shows there are comments too. */
const UNCOMMENTED = uncomment(uncomment(EXAMPLE))

/** A host of which only what has no default is written. */
function bare(host: object, ...optional: readonly string[]): object {
  const written = ['id', 'kind', 'url', 'model', 'voices', ...optional]
  return Object.fromEntries(Object.entries(host).filter(([name]) => written.includes(name)))
}

test('sotto.example.yaml has no mistake, and but for its hosts every setting has its default', () => {
  const { hosts, ...rest } = load(EXAMPLE)
  const { hosts: _, ...defaults } = parseConfig()
  expect(rest).toEqual(defaults)
  expect(hosts.map(({ kind }) => kind)).toEqual(['cosyvoice-http', 'embedded'])
  expect(parseConfig({ hosts: [bare(hosts[0]!)] }).hosts[0]).toEqual(hosts[0]!)
})

test('sotto.example.yaml’s commented examples are right too, and show defaults', () => {
  const { hosts, voiceAliases, tenants, lexicon } = load(UNCOMMENTED)
  expect(hosts.map(({ kind }) => kind)).toEqual([
    'cosyvoice-http',
    'cosyvoice-http',
    'cosyvoice-grpc',
    'openai',
    'batch',
    'embedded',
  ])
  for (const host of hosts.slice(1, -1))
    expect(parseConfig({ hosts: [bare(host, 'apiKey', 'marks')] }).hosts[0]).toEqual(host)
  expect(hosts[1]).toMatchObject({ voices: [{ promptWav: join(cwd, 'voices/xiaoxin.wav') }] })
  expect(voiceAliases).toEqual({ alloy: '中文女' })
  expect(tenants).toHaveLength(2)
  expect(parseConfig({ tenants: [{ id: 'default' }] }).tenants[0]).toEqual(tenants[0]!)
  expect(lexicon).toHaveLength(3)
})

test('sotto.example.yaml shows every setting', () => {
  const shown = new Set([...UNCOMMENTED.matchAll(/(?:^|[\s{])(\w+):/gm)].map(([, name]) => name))
  expect(SETTINGS.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([])
})

/** The YAML of a page. */
const yamlIn = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml]) => yaml!)

test.each(yamlIn('docs/hosts.md'))('docs/hosts.md shows a host without mistake: %#', (host) => {
  expect(load(`hosts:\n${host}`).hosts).toHaveLength(1)
})

test.each([...yamlIn('README.md'), ...yamlIn('docs/config.md')])(
  'README.md and docs/config.md show a config without mistake: %#',
  (config) => {
    expect(load(config).hosts).toHaveLength(2)
  },
)

test.each([...new Set(SETTINGS.map(({ name }) => name))])('docs/config.md tells of %s', (name) => {
  expect(GUIDE).toMatch(new RegExp(`\`(\\w+\\.)*${name}(\\.\\w+)*\``))
})

test('docs/config.md tells the defaults', () => {
  const stated = [...GUIDE.matchAll(/^\| `([\w.]+)` \| `([^`]+)` \|/gm)].map(
    ([, path, value]) => `${path!.split('.').at(-1)}: ${value}`,
  )
  const real = SETTINGS.filter(({ value }) => ['number', 'boolean', 'string'].includes(typeof value))
  for (const { name, value } of real) expect(stated).toContain(`${name}: ${value}`)
  expect(stated.length).toBeGreaterThan(20)
})
