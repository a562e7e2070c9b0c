import { spawnSync } from 'node:child_process'

/** Tells whether a program is on this machine; in CI a missing one is a failure, not a skip. */
export function needs(program: string): boolean {
  const found = spawnSync('which', [program]).status === 0
  if (!found && process.env.CI === 'true') throw new Error(`CI lacks ${program}: .ci/run must install it`)
  return found
}
