import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { embedded } from '../src/hosts/embedded.ts'
import { nextOf } from '../src/pcm/supply.ts'
import { freePort } from '../test/fakes/port.ts'
import { type BenchResult, median, quantile, type Row, round } from './bench.ts'

const ROOT = join(import.meta.dirname, '..')
const RUNS = 12
/** After its start a program is left alone for this long before its size is taken. */
const IDLE_MS = 1_500
const TEXT = 'Hello there, how are you today?'

/** How long each way to start sotto takes to its first answer and its first audio, and how large it then is. */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-startup-'))
  try {
    const rows = [...(await startRows(folder)), ...(await packetRows())]
    return {
      question: 'How soon does sotto answer and speak after its start, and how large is it when idle?',
      rows,
      notes: [
        `Medians of ${RUNS} runs; programs and files are in the page cache.`,
        'its own: without the pages of the program itself, of which up to 6 MB more or less count by how the page cache holds them.',
        'first answer: from spawn to the first byte of GET /healthz; first audio: from spawn to the first byte of pcm.',
        'first packet: through the Host interface in this process, from the call to the first 100 ms of audio.',
      ],
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function startRows(folder: string): Promise<Row[]> {
  const binaries = ['sotto', 'sotto-without-voice'].map((name) => join(ROOT, 'dist', name))
  const { status } = spawnSync(process.execPath, [join(ROOT, 'build.ts')], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`Cannot bench: the build ended with ${status}`)
  const config = join(folder, 'without-voice.json')
  writeFileSync(config, JSON.stringify({ hosts: [OTHER_HOST] }))
  const [binary = '', withoutVoice = ''] = binaries
  const main = join(ROOT, 'src/main.ts')
  const ways: [string, readonly string[], { readonly speaks: boolean }][] = [
    ['binary', [binary, 'serve'], { speaks: true }],
    ['binary, voice not configured', [binary, 'serve', '--config', config], { speaks: false }],
    ['binary without the voice', [withoutVoice, 'serve', '--config', config], { speaks: false }],
    ['bun, from source', [process.execPath, main, 'serve'], { speaks: true }],
    ['deno, from source', ['deno', 'run', '-A', main, 'serve'], { speaks: true }],
  ]
  const rows: Row[] = []
  for (const [what, command, { speaks }] of ways) {
    const runs = []
    for (let i = 0; i < RUNS; i++) runs.push(await startOnce(command, { speaks, cwd: folder }))
    rows.push({
      what,
      'first answer ms': round(median(runs.map(({ answerMs }) => answerMs)), 1),
      'p95 ms': round(
        quantile(
          runs.map(({ answerMs }) => answerMs),
          0.95,
        ),
        1,
      ),
      'first audio ms': speaks ? round(median(runs.map(({ audioMs }) => audioMs)), 1) : '',
      'idle MB': round(median(runs.map(({ idle }) => idle.mb)), 1),
      'of it its own': round(median(runs.map(({ idle }) => idle.ownMb)), 1),
    })
  }
  return rows
}

/** A host that is never asked: nothing listens there. */
const OTHER_HOST = {
  id: 'gpu',
  kind: 'cosyvoice-http',
  url: 'http://127.0.0.1:9',
  model: 'cosyvoice-300m-sft',
  voices: [{ id: 'x', mode: 'sft' }],
}

interface Started {
  readonly answerMs: number
  readonly audioMs: number
  readonly idle: Resident
}

async function startOnce(
  command: readonly string[],
  { speaks, cwd }: { readonly speaks: boolean; readonly cwd: string },
): Promise<Started> {
  const idle = await started(command, cwd, async ({ port, child, began }) => {
    const answerMs = (await firstByte(port, HEALTH)) - began
    await sleep(IDLE_MS)
    return { answerMs, idle: residentOf(child.pid!) }
  })
  if (!speaks) return { ...idle, audioMs: Number.NaN }
  const audioMs = await started(
    command,
    cwd,
    async ({ port, began }) => (await firstByte(port, SPEECH)) - began,
  )
  return { ...idle, audioMs }
}

interface Running {
  readonly port: number
  readonly child: ChildProcess
  readonly began: number
}

async function started<T>(
  [program, ...parameters]: readonly string[],
  cwd: string,
  measure: (running: Running) => Promise<T>,
): Promise<T> {
  const port = await freePort()
  const began = performance.now()
  const child = spawn(program!, [...parameters, '--port', `${port}`], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    return await measure({ port, child, began })
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

const HEALTH = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n'
const BODY = JSON.stringify({ model: 'tts-1', voice: 'alloy', input: TEXT, response_format: 'pcm' })
const SPEECH = `POST /v1/audio/speech HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`

/** The moment of the reply's first byte; knocks every millisecond until somebody opens. */
async function firstByte(port: number, request: string): Promise<number> {
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(1)) {
    const at = await knock(port, request)
    if (at !== undefined) return at
  }
  throw new Error(`Cannot bench: nothing answers on port ${port}`)
}

/** A plain socket: a client's own first request would cost more than what is measured. */
function knock(port: number, request: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    let head = ''
    socket.on('error', () => resolve(undefined))
    socket.on('data', (data) => {
      // Bun sends the status line ahead of the headers and the body.
      head += data.toString('latin1')
      const body = head.indexOf('\r\n\r\n')
      if (body < 0 || head.length <= body + 8) return
      socket.destroy()
      if (head.startsWith('HTTP/1.1 200')) resolve(performance.now())
      else reject(new Error(`Cannot bench: ${head}`))
    })
  })
}

interface Resident {
  readonly mb: number
  /** Without pages of the program's file, which the system shares and takes back as it likes. */
  readonly ownMb: number
}

function residentOf(pid: number): Resident {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string) => {
    const [, kilobytes] = new RegExp(`${name}:\\s+(\\d+)`).exec(status) ?? []
    return (Number(kilobytes) * 1024) / 1e6
  }
  return { mb: megabytes('VmRSS'), ownMb: megabytes('RssAnon') }
}

async function packetRows(): Promise<Row[]> {
  const cold: number[] = []
  const warm: number[] = []
  for (let i = 0; i < RUNS; i++) {
    await using host = embedded({ id: 'local', kind: 'embedded', fallback: false, slots: 1 })
    await host.ready
    cold.push(await firstPacket(host, i))
    for (let n = 0; n < 20; n++) warm.push(await firstPacket(host, n))
  }
  return [
    {
      what: 'embedded first packet, warm',
      'first audio ms': round(median(warm)),
      'p95 ms': round(quantile(warm, 0.95)),
    },
    {
      what: 'embedded first packet, cold',
      'first audio ms': round(median(cold)),
      'p95 ms': round(quantile(cold, 0.95)),
    },
  ]
}

async function firstPacket(host: ReturnType<typeof embedded>, index: number): Promise<number> {
  const text = index % 2 ? TEXT : '你好，今天天气很好。'
  const clause = { index, text, spoken: text, pauseMs: 0, voice: 'auto', speed: 1 }
  const began = performance.now()
  const pcm = await host.synthesize(clause, { signal: new AbortController().signal })
  const took = performance.now() - began
  while (await nextOf(pcm));
  return took
}
