import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../test/fakes/port.ts'
import type { Paced } from '../test/load/paced-listeners.ts'
import { residentMegabytes } from '../test/load/resident.ts'
import { namespaceIsAllowed, runDriver } from '../test/load/run-driver.ts'
import type { Stalled } from '../test/load/stalled-listeners.ts'
import { type BenchResult, median, type Row, round } from './bench.ts'
import { start } from './spawn.ts'

const ROOT = join(import.meta.dirname, '..')
const IDLE_RUNS = 3
/** Long enough for what is done after the start to be over. */
const IDLE_MS = 2_500

/** How large sotto is when idle, for each listener at real time, and with a thousand who have stalled (PRF-5). */
export async function run(): Promise<BenchResult> {
  const rows = await idleRows()
  if (namespaceIsAllowed()) {
    for (const listeners of [200, 1000]) {
      rows.push(pacedRow(await runDriver<Paced>('paced-listeners.ts', { listeners, timeoutMs: 40_000 })))
    }
    const options = { listeners: 1000, timeoutMs: 100_000 }
    rows.push(stalledRow(await runDriver<Stalled>('stalled-listeners.ts', options)))
  }
  return {
    question: 'How much memory does sotto take when idle, for each listener, and when listeners stall?',
    rows,
    notes: [
      'Resident sizes in MiB; beside the idle rows, sotto runs from source on bun, before a CosyVoice server in another process.',
      `idle: median of ${IDLE_RUNS}, ${IDLE_MS / 1000} s after the start. at real time: median over 5 s, in a network namespace with small buffers.`,
      'idle MB there: of the same process after 20 listeners have come and gone. spooled: audio that waits for listeners, as sotto itself counts it.',
      'KB a stream: resident, less idle and spooled, by listener.',
      'live KB a stream: what JavaScript holds by listener once garbage is collected, less spooled. Without a namespace only the idle rows are measured.',
    ],
  }
}

async function idleRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-memory-'))
  const other = join(folder, 'other.json')
  writeFileSync(other, JSON.stringify({ hosts: [OTHER_HOST] }))
  const binary = join(ROOT, 'dist', 'sotto')
  const program = existsSync(binary) ? [binary] : [process.execPath, join(ROOT, 'src/main.ts')]
  const from = existsSync(binary) ? 'binary' : 'source'
  try {
    return [
      { what: `idle, ${from}`, 'resident MB': await idle([...program, 'serve'], folder) },
      {
        what: `idle, ${from}, voice not configured`,
        'resident MB': await idle([...program, 'serve', '--config', other], folder),
      },
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A host that is never asked: nothing listens there. */
const OTHER_HOST = {
  id: 'gpu',
  kind: 'cosyvoice-http',
  url: 'http://127.0.0.1:9',
  model: 'cosyvoice-300m-sft',
  voices: [{ id: 'x', mode: 'sft' }],
}

async function idle(command: readonly string[], cwd: string): Promise<number> {
  const sizes: number[] = []
  for (let i = 0; i < IDLE_RUNS; i++) {
    const port = await freePort()
    const ready = `http://127.0.0.1:${port}/healthz`
    await using sotto = await start([...command, '--port', `${port}`], { cwd, ready })
    await sleep(IDLE_MS)
    sizes.push(residentMegabytes(sotto.pid))
  }
  return round(median(sizes), 1)
}

function pacedRow(seen: Paced): Row {
  const { listeners, idleMegabytes, busyMegabytes, spooledMegabytes, liveMegabytes, pace } = seen
  return {
    what: `${listeners} listeners at ${round(pace)} × real time`,
    'resident MB': round(busyMegabytes, 1),
    'idle MB': round(idleMegabytes, 1),
    'spooled MB': round(spooledMegabytes, 1),
    'KB a stream': round(((busyMegabytes - idleMegabytes - spooledMegabytes) * 1024) / listeners, 0),
    'live KB a stream': round((liveMegabytes * 1024) / listeners, 0),
  }
}

function stalledRow(seen: Stalled): Row {
  const { listeners, idleMegabytes, stalledMegabytes, peakMegabytes, intact } = seen
  return {
    what: `${listeners} stalled listeners, ${intact} intact in the end`,
    'resident MB': round(stalledMegabytes, 1),
    'idle MB': round(idleMegabytes, 1),
    'peak MB': round(peakMegabytes, 1),
  }
}
