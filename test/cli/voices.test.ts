import { expect, test } from 'bun:test'
import { cli } from '../../src/cli.ts'
import { hostOf } from '../fakes/host.ts'
import { shellOf } from '../fakes/shell.ts'

const hosts = [
  hostOf('gpu', { voices: ['中文女', 'bob'] }),
  hostOf('spare', { voices: ['bob'], fallback: true }),
]
const env = { SOTTO_VOICE_ALIASES: '{robert: bob}' }

test('voices lists every voice with its languages, hosts and other names', async () => {
  const shell = shellOf({ hosts, env })
  expect(await cli(['voices'], shell)).toBe(0)
  const [head, first, second, end] = shell.out().split('\n')
  expect(head).toMatch(/^ {2}VOICE {3}LANGUAGES {2}HOST +OTHER NAMES$/)
  expect(first).toMatch(/^ {2}中文女 {2}any {8}gpu {9}\S/) // three signs, six places wide
  expect(second).toMatch(/^ {2}bob {5}any {8}gpu, spare {2}.*robert/)
  expect(end).toBe('')
})

test('voices --json gives one voice a line', async () => {
  const shell = shellOf({ hosts, env })
  expect(await cli(['voices', '--json'], shell)).toBe(0)
  const lines = shell.out().trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(['中文女', 'bob'])
  expect(JSON.parse(lines[1]!)).toMatchObject({ languages: [], hosts: ['gpu', 'spare'] })
})
