import type { Clause, Samples } from '../speech.ts'
import { compose } from './compose.ts'
import { resample } from './resample.ts'
import { seam, silence } from './seam.ts'
import type { Spool } from './spool.ts'
import { stretch } from './stretch.ts'

/** A clause on its way: its audio comes into the spool while it is said. */
export interface Spoken {
  readonly clause: Clause
  readonly spool: Promise<Spool>
}

export interface HeardOptions {
  /** Samples a second of what is given. */
  readonly rate: number
  readonly trim: boolean
}

/** Audio is taken from a spool in pieces of at most this much, so that one pull stays short. */
const PIECE_MS = 100

/**
 * Gives the audio of clauses one after another as it is to be heard: at one rate and at the asked speed,
 * its edges trimmed and faded, with the pause after each clause but the last exact to a sample.
 */
export async function* heard(
  spoken: AsyncIterable<Spoken>,
  { rate, trim }: HeardOptions,
): AsyncGenerator<Samples, void> {
  let pauseMs = 0
  for await (const { clause, spool: coming } of spoken) {
    if (pauseMs > 0) yield silence({ rate, ms: pauseMs })
    pauseMs = clause.pauseMs
    const spool = await coming
    const stage = compose(
      resample({ from: spool.rate, to: rate }),
      stretch({ rate, speed: clause.speed / spool.speed }),
      seam({ rate, trim }),
    )
    for (;;) {
      const samples = await spool.read(Math.ceil((spool.rate * PIECE_MS) / 1000))
      const ready = samples ? stage.push(samples) : stage.end()
      if (ready.length > 0) yield ready
      if (!samples) break
    }
  }
}
