import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { BUN_SETTINGS } from '../../src/run/tune-bun.ts'
import { freePort } from '../../test/fakes/port.ts'
import { VOICE } from '../asks.ts'
import { start } from '../spawn.ts'
import { type Server, serverOf } from './server.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')

/** Starts sotto from source with a config; its port is found. */
export async function startSotto(config: object): Promise<Server> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'))
  const file = join(folder, 'sotto.json')
  writeFileSync(file, JSON.stringify({ port, ...config }))
  const profile = process.env.BENCH_PROFILE // a folder for a CPU profile of each sotto
  const flags = profile ? ['--cpu-prof', '--cpu-prof-dir', profile] : []
  const sotto = await start([process.execPath, ...flags, MAIN, 'serve', '--config', file], {
    ready: `http://127.0.0.1:${port}/healthz`,
    // Otherwise sotto starts itself anew, without those flags.
    ...(profile && { env: BUN_SETTINGS }),
  })
  rmSync(folder, { recursive: true }) // it has read it
  return serverOf(port, sotto)
}

/** The config of a simulated host with OpenAI's route, as often asked as its places let. */
export const openaiHost = ({ port }: Pick<Server, 'port'>, { slots }: { readonly slots: number }) => ({
  id: 'host',
  kind: 'openai',
  url: `http://127.0.0.1:${port}/v1`,
  model: 'tts-1',
  voices: [{ id: 'v' }],
  slots,
  maxConnections: slots,
  maxRequestsPerSecond: 100_000,
})

/** The config of a host with CosyVoice's routes, which speaks at 24 kHz, as the replies are. */
export const cosyvoiceHost = ({ port }: Pick<Server, 'port'>) => ({
  id: 'host',
  kind: 'cosyvoice-http',
  url: `http://127.0.0.1:${port}`,
  model: 'cosyvoice2',
  slots: 64,
  maxRequestsPerSecond: 100_000,
  voices: [{ id: VOICE, mode: 'sft', spkId: VOICE }],
})

/** The config of a simulated host that takes many texts in one call. */
export const batchHost = (
  { port }: Pick<Server, 'port'>,
  { slots, maxBatch }: { readonly slots: number; readonly maxBatch: number },
) => ({
  id: 'host',
  kind: 'batch',
  url: `http://127.0.0.1:${port}/batch`,
  voices: [{ id: 'v' }],
  maxBatch,
  preferredBatchSizes: [8, 16, 32, 64].filter((size) => size <= maxBatch),
  slots,
  maxRequestsPerSecond: 100_000,
})
