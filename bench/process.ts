import { readFileSync } from 'node:fs'

const TICKS_A_SECOND = 100

/** The seconds of a core that a process has used. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

/** The seconds that all cores together have had nothing to do. */
export function idleSeconds(): number {
  const [, , , , idle] = (/^cpu .*$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[0] ?? '').split(/ +/)
  return Number(idle) / TICKS_A_SECOND
}
