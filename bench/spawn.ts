import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

/** A program that a bench has started; ended by its own pid when disposed of, or with the bench. */
export interface Spawned extends AsyncDisposable {
  readonly pid: number
  readonly process: ChildProcess
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Asked until it answers; the program counts as started then. */
  readonly ready?: string
  /** Whether what it prints as errors goes nowhere, as with a peer that has one for each request. */
  readonly quiet?: boolean
}

/** Starts a program and waits until it answers at `ready`, for at most ten seconds. */
export async function start(
  command: readonly string[],
  { env, cwd, ready, quiet = false }: SpawnOptions = {},
): Promise<Spawned> {
  const [program, ...parameters] = command
  const child = spawn(program!, parameters, {
    stdio: ['ignore', 'ignore', quiet ? 'ignore' : 'inherit'],
    env: { ...process.env, ...env },
    ...(cwd && { cwd }),
  })
  const abandon = () => child.kill('SIGKILL')
  process.once('exit', abandon)
  const started: Spawned = {
    pid: child.pid!,
    process: child,
    async [Symbol.asyncDispose]() {
      process.off('exit', abandon)
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await ended
      clearTimeout(hard)
    },
  }
  if (ready) await answered(ready, child)
  return started
}

async function answered(url: string, child: ChildProcess): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(5)) {
    if (child.exitCode !== null) throw new Error(`Cannot bench: the program ended with ${child.exitCode}`)
    const response = await fetch(url).catch(() => undefined)
    await response?.body?.cancel()
    if (response) return
  }
  throw new Error(`Cannot bench: nothing answers at ${url}`)
}
