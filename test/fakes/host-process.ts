import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { freePort } from './port.ts'

/** A host in a process of its own, which can die as real ones do. */
export interface HostProcess extends AsyncDisposable {
  readonly url: string
  /** SIGKILL: no connection is closed in good order. Resolves once it is dead. */
  kill(): Promise<void>
  /** Starts it again at the same address; resolves once it listens. */
  start(): Promise<void>
}

/** Starts one of the programs beside this one on a free port, with these flags of its; it tells when it listens. */
export async function startHostProcess(program: string, ...flags: readonly string[]): Promise<HostProcess> {
  const port = await freePort()
  const runner = 'Deno' in globalThis ? ['run', '-A'] : []
  const script = fileURLToPath(new URL(program, import.meta.url))
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
