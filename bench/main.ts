import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { BenchResult } from './bench.ts'

const BENCHES: Record<string, () => Promise<{ run: () => Promise<BenchResult> }>> = {
  split: () => import('./split.ts'),
  encoders: () => import('./encoders.ts'),
  'first-audio': () => import('./first-audio.ts'),
  startup: () => import('./startup.ts'),
  memory: () => import('./memory.ts'),
  streams: () => import('./streams.ts'),
  overload: () => import('./overload.ts'),
  batching: () => import('./batching.ts'),
  paced: () => import('./paced.ts'),
  load: () => import('./load.ts'),
}

/** Runs the benches named on the command line, or all; prints tables, writes bench/results/*.json. */
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHES)
const results = join(import.meta.dirname, 'results')
mkdirSync(results, { recursive: true })
for (const name of names) {
  const load = BENCHES[name]
  if (!load)
    throw new RangeError(`Cannot run bench: ${name} is not one of ${Object.keys(BENCHES).join(', ')}`)
  const { run } = await load()
  const result = await run()
  console.log(`\n${name}: ${result.question}`)
  console.table(result.rows)
  for (const note of result.notes ?? []) console.log(`  ${note}`)
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model, bun: process.versions.bun }
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify({ name, machine, ...result }, null, 2)}\n`)
}
