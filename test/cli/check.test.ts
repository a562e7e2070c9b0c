import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cli } from '../../src/cli.ts'
import { hostOf } from '../fakes/host.ts'
import { shellOf } from '../fakes/shell.ts'

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sotto-check-'))
})
afterAll(() => rmSync(cwd, { recursive: true }))

const GOOD = `
port: 9000
hosts:
  - id: gpu
    kind: cosyvoice-http
    url: http://me:hush@127.0.0.1:50000
    model: cosyvoice-300m-sft
    voices: [{ id: 中文女, mode: sft }]
  - { id: local, kind: embedded, fallback: true }
`

async function check(text: string, env = {}) {
  writeFileSync(join(cwd, 'sotto.yaml'), text)
  const shell = shellOf({ cwd, env, hosts: [hostOf('gpu', { voices: ['中文女'] })] })
  const code = await cli(['check'], shell)
  return { code, out: shell.out(), err: shell.err() }
}

test('check says what a good config would run, without its passwords', async () => {
  const { code, out, err } = await check(GOOD, { SOTTO_BANANA: '1' })
  expect(code).toBe(0)
  expect(out).toStartWith('sotto.yaml: no mistakes\n')
  expect(out).toMatch(/listens on +127\.0\.0\.1:9000/)
  expect(out).toMatch(/host +gpu, cosyvoice-http, http:\/\/127\.0\.0\.1:50000, cosyvoice-300m-sft, 4 at once/)
  expect(out).toMatch(/host +local, embedded.*, fallback/)
  expect(out).not.toContain('hush')
  expect(err).toBe('SOTTO_BANANA is no setting of sotto; it is ignored\n')
})

test('check says how hosts are shared, and what is done when one fails', async () => {
  const plain = await check(GOOD)
  expect(plain.out).toMatch(/queue +up to 4096 clauses or 30 s before each host\n/)
  expect(plain.out).toMatch(/tenants +all alike\n/)
  expect(plain.out).toMatch(
    /faults +up to 2 more tries, a host left alone after 3 failures in a row for 30 s, local stands in for a whole reply\n/,
  )
  const { out } = await check(
    `${GOOD}tenants: [{ id: gold, weight: 3 }, { id: tin }]\nhedge: { enabled: true }\ndegrade: never\n`,
  )
  expect(out).toMatch(/tenants +gold × 3, tin × 1\n/)
  expect(out).toMatch(/, a slow first clause asked of a second host after 100 ms or more\n/)
})

test('check lists the mistakes and exits with 1', async () => {
  const { code, out, err } = await check(GOOD.replace('cosyvoice-http', 'cosyvoce').replace('9000', '-1'))
  expect(code).toBe(1)
  expect(out).toBe('')
  expect(err).toContain('\nsotto.yaml:2:7 port: -1 is not allowed; use a whole number from 0 to 65535\n')
  expect(err).toMatch(
    /\nsotto\.yaml:5:11 hosts\[0\]\.kind: "cosyvoce" is not allowed; .*did you mean cosyvoice-http/,
  )
})

test('check finds an alias that leads to no voice', async () => {
  const { code, err } = await check(`${GOOD}voiceAliases:\n  alloy: 中文男\n`)
  expect(code).toBe(1)
  expect(err).toMatch(/sotto\.yaml:11:10 voiceAliases\.alloy: .*中文男/)
})

test('check takes the file as an argument', async () => {
  writeFileSync(join(cwd, 'other.json'), '{"port": 1, "hots": []}')
  const shell = shellOf({ cwd })
  expect(await cli(['check', 'other.json'], shell)).toBe(1)
  expect(shell.err()).toContain('other.json:1:13 hots: is not a setting; did you mean ho')
})

test('check names the aliases', async () => {
  const { out } = await check(`${GOOD}voiceAliases: { alloy: 中文女 }\n`)
  expect(out).toMatch(/aliases +alloy → 中文女/)
})

test('check names a host that cannot speak', async () => {
  writeFileSync(join(cwd, 'sotto.yaml'), GOOD)
  const ready = Promise.reject(new Error('its recording is no WAV'))
  ready.catch(() => {})
  const shell = shellOf({ cwd, hosts: [hostOf('gpu', { voices: ['中文女'], ready })] })
  expect(await cli(['check'], shell)).toBe(1)
  expect(shell.err()).toContain('gpu cannot speak: its recording is no WAV')
})

test('check names each recording that cannot be used, by its line', async () => {
  writeFileSync(join(cwd, 'noise.wav'), 'no sound')
  const voice = (id: string) => `{ id: ${id}, mode: zero_shot, promptWav: ./noise.wav, promptText: Hi. }`
  const { code, err } = await check(
    GOOD.replace('300m-sft', '300m').replace('[{ id: 中文女, mode: sft }]', `[${voice('a')}, ${voice('b')}]`),
  )
  expect(code).toBe(1)
  expect(err).toMatch(
    /\nsotto\.yaml:8:\d+ hosts\[0\]\.voices\[0\]\.promptWav: ".*noise\.wav": .*must be a WAV file/,
  )
  expect(err).toMatch(/\nsotto\.yaml:8:\d+ hosts\[0\]\.voices\[1\]\.promptWav: /)
})
