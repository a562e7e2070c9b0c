import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cli } from '../../src/cli.ts'
import { type CosyvoiceServer, startCosyvoiceServer } from '../fakes/cosyvoice-server.ts'
import { freePort } from '../fakes/port.ts'
import { recordingOf } from '../fakes/recording.ts'
import { shellOf } from '../fakes/shell.ts'

let cwd = ''
let server: CosyvoiceServer
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'sotto-check-hosts-'))
  writeFileSync(join(cwd, 'me.wav'), recordingOf())
  server = await startCosyvoiceServer({
    behave({ route, fields }) {
      if (route.endsWith('zero_shot')) return { refuse: { status: 404, body: '{"detail":"Not Found"}' } }
      if (fields.spk_id === '中文男') return { level: 0 }
      if (fields.spk_id === '英文男') return { seconds: 0.3 }
      return fields.spk_id === '粤语女' ? { seconds: 60 } : {}
    },
  })
})
afterAll(async () => {
  await server.close()
  rmSync(cwd, { recursive: true })
})

async function check(hosts: readonly object[], ...flags: string[]) {
  writeFileSync(join(cwd, 'sotto.json'), JSON.stringify({ hosts }))
  const shell = shellOf({ cwd })
  const code = await cli(['check', '--hosts', ...flags], shell)
  const rows = shell
    .out()
    .slice(shell.out().indexOf('  HOST'))
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/))
  return { code, rows, err: shell.err() }
}

const gpu = (id: string, voices: readonly object[], more: object = {}) => ({
  id,
  kind: 'cosyvoice-http',
  url: server.url,
  model: 'cosyvoice-300m-sft',
  voices,
  ...more,
})
const sft = (id: string, more: object = {}) => ({ id, mode: 'sft', ...more })

test('check --hosts tells of each voice how it spoke', async () => {
  const { code, rows, err } = await check([
    gpu('gpu', [sft('中文女'), sft('anna', { spkId: '英文女' })]),
    { id: 'local', kind: 'embedded' },
  ])
  expect([code, err]).toEqual([0, ''])
  expect(rows.shift()).toEqual([
    'HOST',
    'VOICE',
    'LANGUAGE',
    'RESULT',
    'FIRST AUDIO',
    'AUDIO',
    'FACTOR',
    'WHAT IS WRONG',
  ])
  expect(rows.map((row) => row.slice(0, 4))).toEqual([
    ['gpu', '中文女', 'zh', 'ok'],
    ['gpu', 'anna', 'en', 'ok'],
    ['local', 'cmn', 'zh', 'ok'],
    ['local', 'en', 'en', 'ok'],
  ])
  for (const row of rows) {
    expect(row.slice(4)).toEqual([
      expect.stringMatching(/^\d+ ms$/),
      expect.stringMatching(/^[2-6]\.\d\d s$/),
      expect.stringMatching(/^0\.\d{3}$/),
    ])
  }
})

test('check --hosts names what is wrong with each voice and exits with 1', async () => {
  const { code, rows, err } = await check([
    gpu('gpu', [sft('中文女'), sft('nobody'), sft('中文男'), sft('英文男'), sft('粤语女')]),
    gpu('clones', [{ id: 'me', mode: 'zero_shot', promptWav: 'me.wav', promptText: 'Hi.' }], {
      model: 'cosyvoice2',
    }),
    gpu('rate', [sft('中文女')], { sampleRate: 48_000 }),
    gpu('gone', [sft('中文女')], { url: `http://127.0.0.1:${await freePort()}` }),
  ])
  expect([code, err]).toEqual([1, '7 of 8 voices failed\n'])
  const troubles = rows.slice(1).map((row) => [row[0], row[1], row[3], row.at(-1)])
  expect(troubles).toEqual([
    ['gpu', '中文女', 'ok', expect.anything()],
    ['gpu', 'nobody', 'failed', expect.stringMatching(/^sft: .* does it have the voice "nobody"/)],
    ['gpu', '中文男', 'failed', expect.stringContaining('nothing but silence')],
    ['gpu', '英文男', 'failed', expect.stringContaining('0.30 s for a text of at least')],
    ['gpu', '粤语女', 'failed', expect.stringContaining('for a text of at most')],
    ['clones', 'me', 'failed', 'zero_shot: Host "clones" refused the request (404: Not Found)'],
    ['rate', '中文女', 'failed', expect.stringContaining('is its rate lower than 48000 Hz?')],
    ['gone', '中文女', 'failed', expect.stringContaining('Host "gone" cannot be reached')],
  ])
})

test('check --hosts tells why a host cannot speak at all', async () => {
  writeFileSync(join(cwd, 'bad.wav'), 'no sound')
  const clone = { id: 'me', mode: 'zero_shot', promptWav: 'bad.wav', promptText: 'Hi.' }
  const { code, rows } = await check([gpu('clones', [clone], { model: 'cosyvoice2' })])
  expect(code).toBe(1)
  expect(rows[1]!.at(-1)).toContain('cannot use promptWav')
})

test('check --hosts speaks with each host itself, though two have the same voice', async () => {
  const before = server.calls.length
  const { code, rows } = await check([gpu('one', [sft('中文女')]), gpu('two', [sft('中文女')])])
  expect([code, rows.slice(1).map(([host]) => host)]).toEqual([0, ['one', 'two']])
  expect(server.calls.length - before).toBe(2)
})

test('check refuses --all without --hosts', async () => {
  const shell = shellOf({ cwd })
  expect(await cli(['check', '--all'], shell)).toBe(2)
  expect(shell.err()).toStartWith('--all is for --hosts\n')
})
