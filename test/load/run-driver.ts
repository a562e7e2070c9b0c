import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'

const NAMESPACE = join(import.meta.dirname, 'in-namespace.sh')

/** Tells whether this machine lets us make a network namespace. */
export const namespaceIsAllowed = (): boolean => spawnSync(NAMESPACE, ['true']).status === 0

export interface DriverOptions {
  readonly listeners: number
  readonly timeoutMs: number
}

/** Runs `stalled-listeners.ts` or its like in a namespace; what it starts ends with it, or after `timeoutMs`. */
export async function runDriver<T>(name: string, { listeners, timeoutMs }: DriverOptions): Promise<T> {
  const child = spawn(NAMESPACE, [process.execPath, join(import.meta.dirname, name), `${listeners}`], {
    detached: true, // a process group of its own, to be ended as one
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const end = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {} // nobody is left
  }
  process.once('exit', end)
  const late = setTimeout(end, timeoutMs)
  try {
    let printed = ''
    for await (const chunk of child.stdout) printed += chunk
    if (!printed) throw new Error(`Cannot load sotto: ${name} ended early, or took over ${timeoutMs} ms`)
    return JSON.parse(printed)
  } finally {
    clearTimeout(late)
    process.off('exit', end)
    end()
  }
}
