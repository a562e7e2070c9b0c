import type { Spawned } from '../spawn.ts'

/** A server under load, in a process of its own. */
export interface Server extends AsyncDisposable {
  readonly port: number
  readonly pid: number
}

export const serverOf = (port: number, spawned: Spawned): Server => ({
  port,
  pid: spawned.pid,
  [Symbol.asyncDispose]: () => spawned[Symbol.asyncDispose](),
})
