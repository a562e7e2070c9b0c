import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { Counter, Gauge, type Registry } from './prom-client.ts'

/** A name, what it means, and how it is read; a reading that the system does not give is not shown. */
type Reading = readonly [name: string, help: string, read: () => number | undefined]

const COUNTERS: readonly Reading[] = [
  ['process_cpu_user_seconds_total', 'CPU time in user mode.', () => process.cpuUsage().user / 1e6],
  ['process_cpu_system_seconds_total', 'CPU time in the kernel.', () => process.cpuUsage().system / 1e6],
  ['process_cpu_seconds_total', 'CPU time in both.', () => cpuSeconds(process.cpuUsage())],
]

const GAUGES: readonly Reading[] = [
  [
    'process_start_time_seconds',
    'When the process started, since 1970.',
    () => performance.timeOrigin / 1000,
  ],
  ['process_resident_memory_bytes', 'Memory that is resident.', () => process.memoryUsage().rss],
  ['process_open_fds', 'Open file descriptors.', () => openFiles()],
  ['process_max_fds', 'Most file descriptors that may be open.', () => mostFiles()],
  ['nodejs_heap_size_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed],
  ['nodejs_external_memory_bytes', 'Memory held from JavaScript.', () => process.memoryUsage().external],
]

/**
 * What any process tells of itself, under the names that prom-client's own collection gives it. Left out of that is
 * what Bun and Deno do not really measure: `docs/metrics.md` lists it.
 */
export function processMetrics(registry: Registry): void {
  const registers = [registry]
  for (const [name, help, read] of COUNTERS) {
    const collect = (): void => {
      counter.reset()
      counter.inc(read() ?? 0)
    }
    const counter = new Counter({ name, help, registers, collect })
  }
  for (const [name, help, read] of GAUGES) {
    if (read() === undefined) continue
    const collect = (): void => gauge.set(read() ?? 0)
    const gauge = new Gauge({ name, help, registers, collect })
  }
}

const cpuSeconds = ({ user, system }: { readonly user: number; readonly system: number }) =>
  (user + system) / 1e6

/** Linux lists them; the listing itself is one more. */
const openFiles = () => ifThere(() => readdirSync('/proc/self/fd').length - 1)

const mostFiles = () =>
  ifThere(() => {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return limit === undefined ? undefined : Number(limit)
  })

function ifThere(read: () => number | undefined): number | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
