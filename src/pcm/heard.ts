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

/** Samples taken from a spool at once, a tenth of a second at 24 kHz: what hosts' long chunks are cut into, too. */
const PIECE = 2400

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
    let samples = await spool.read(PIECE) // only then are rate and speed sure
    const stage = compose(
      resample({ from: spool.rate, to: rate }),
      stretch({ rate, speed: clause.speed / spool.speed }),
      seam({ rate, trim }),
    )
    for (;;) {
      const ready = samples ? stage.push(samples) : stage.end()
      if (ready.length > 0) yield ready
      if (!samples) break
      samples = await spool.read(PIECE)
    }
  }
}
