import { drive } from './load.ts'
import type { Asked } from './request.ts'
import type { Times } from './tally.ts'

export interface PacedLoad {
  readonly port: number
  readonly ask: Asked
  readonly listeners: number
  /** What comes each `chunkMs`. */
  readonly chunkBytes: number
  readonly chunkMs: number
  /** They come one after another for so long. */
  readonly joinSeconds: number
  /** How long is measured once all are there. */
  readonly seconds: number
}

export interface PacedSeen {
  /** How late each chunk was, in milliseconds, by a schedule that begins with its stream's earliest one. */
  readonly lateness: Times
  /** Listeners who got nearly all that was due. */
  readonly whole: number
  readonly failed: number
  readonly asked: number
  /** Of a core, for the load itself. */
  readonly cpuShare: number
}

/** Has many listen at real time, from a process of its own. */
export const paced = (load: PacedLoad): Promise<PacedSeen> =>
  drive('paced-driver.ts', load, { timeoutMs: 1000 * (load.joinSeconds + load.seconds + 30) })
