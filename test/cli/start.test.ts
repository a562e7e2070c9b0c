import { expect, test } from 'bun:test'
import { startServices } from '../../src/cli/start.ts'
import { loadConfig } from '../../src/config.ts'
import { createServices } from '../../src/services.ts'
import { hostOf } from '../fakes/host.ts'

const load = (env = {}) => loadConfig({ cwd: '/nowhere', env })

test('startServices() makes a config’s mistake of an alias that leads to no voice', () => {
  const env = { SOTTO_VOICE_ALIASES: '{alloy: nobody}' }
  const start = () =>
    startServices(load(env), {
      createServices: (config) => createServices(config, { hosts: [hostOf('gpu')] }),
    })
  expect(start).toThrow(/^SOTTO_VOICE_ALIASES voiceAliases\.alloy: .*nobody/)
})

test('startServices() passes on what is no fault of the config', () => {
  const createServices = () => {
    throw new RangeError('bug')
  }
  expect(() => startServices(load(), { createServices })).toThrow('bug')
})

test('startServices() waits for a host to let go, but not for ever', async () => {
  const ended: string[] = []
  const hosts = ['slow', 'stuck'].map((id) => ({
    ...hostOf(id),
    [Symbol.asyncDispose]: async () => {
      await (id === 'slow' ? Bun.sleep(5) : new Promise(() => {}))
      ended.push(id)
    },
  }))
  const start = (host: (typeof hosts)[number], disposeMs?: number) =>
    startServices(
      load(),
      { createServices: (config) => createServices(config, { hosts: [host] }) },
      { disposeMs: disposeMs ?? 3_000 },
    )
  await start(hosts[0]!)[Symbol.asyncDispose]()
  expect(ended).toEqual(['slow'])
  await start(hosts[1]!, 5)[Symbol.asyncDispose]()
  expect(ended).toEqual(['slow'])
})
