import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { freePort } from './port.ts'

/** A CosyVoice server in a process of its own, which can die as real ones do. */
export interface CosyvoiceProcess extends AsyncDisposable {
  readonly url: string
  /** SIGKILL: no connection is closed in good order. Resolves once it is dead. */
  kill(): Promise<void>
  /** Starts it again at the same address; resolves once it listens. */
  start(): Promise<void>
}

/** Starts the server with these flags of its, on a free port. */
export async function startCosyvoiceProcess(...flags: readonly string[]): Promise<CosyvoiceProcess> {
  const port = await freePort()
  const runner = 'Deno' in globalThis ? ['run', '-A'] : []
  const script = fileURLToPath(new URL('cosyvoice-server.ts', import.meta.url))
  let child: ChildProcess | undefined

  const start = async () => {
    const started = spawn(process.execPath, [...runner, script, '--port', `${port}`, ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child = started
    await new Promise<void>((resolve, reject) => {
      started.stdout.once('data', () => resolve())
      started.once('exit', (code) => reject(new Error(`The host ended with ${code} before it listened`)))
    })
  }
  const kill = async () => {
    const dying = child
    child = undefined
    if (!dying) return
    const dead = new Promise((resolve) => dying.once('exit', resolve))
    dying.kill('SIGKILL')
    await dead
  }
  await start()
  return { url: `http://127.0.0.1:${port}`, start, kill, [Symbol.asyncDispose]: kill }
}
