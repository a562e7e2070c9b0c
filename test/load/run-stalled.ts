import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'

const NAMESPACE = join(import.meta.dirname, 'in-namespace.sh')
const DRIVER = join(import.meta.dirname, 'stalled-listeners.ts')

/** What `stalled-listeners.ts` prints; megabytes are sotto's resident size, in MiB. */
export interface Stalled {
  readonly listeners: number
  readonly idleMegabytes: number
  readonly stalledMegabytes: number
  /** The most while all of them read on. */
  readonly peakMegabytes: number
  readonly callsWhileStalled: number
  /** Host calls that all the texts take. */
  readonly callsForAll: number
  /** Calls that the host still answered once no more began. */
  readonly hostCallsRunning: number
  /** Of somebody who came in between. */
  readonly otherStatus: number
  readonly otherMs: number
  /** Listeners who heard every byte in the end. */
  readonly intact: number
}

/** Tells whether this machine lets us make a network namespace. */
export const namespaceIsAllowed = (): boolean => spawnSync(NAMESPACE, ['true']).status === 0

/** Runs the driver; what it has started ends with it, at the latest after `timeoutMs`. */
export async function runStalled(listeners: number, { timeoutMs }: { timeoutMs: number }): Promise<Stalled> {
  const child = spawn(NAMESPACE, [process.execPath, DRIVER, `${listeners}`], {
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
    if (!printed) throw new Error(`Cannot load sotto: the driver ended early, or took over ${timeoutMs} ms`)
    return JSON.parse(printed)
  } finally {
    clearTimeout(late)
    process.off('exit', end)
    end()
  }
}
