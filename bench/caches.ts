import { median } from './bench.ts'

/** A line of the processor's cache, in 4-byte steps. */
const LINE = 16
const ROUNDS = 41

/**
 * Microseconds to read so much memory again after `restMs` in which this thread has done nothing but look at the clock;
 * the median of some rounds. Where the caches are shared with strangers it grows with the rest: what a server does between
 * two requests that far apart is slower by as much, whatever it does.
 */
export function readAgain({
  kilobytes,
  restMs,
}: {
  readonly kilobytes: number
  readonly restMs: number
}): number {
  const next = oneCycle((kilobytes * 1024) / 4 / LINE)
  const took: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    for (const end = performance.now() + restMs; performance.now() < end; );
    const began = performance.now()
    let at = 0
    do at = next[at]!
    while (at !== 0)
    took.push(1000 * (performance.now() - began))
  }
  return median(took)
}

/** Where to read next, by line, so that no processor knows it beforehand: Sattolo's shuffle, one cycle through all. */
function oneCycle(lines: number): Int32Array {
  const order = Array.from({ length: lines }, (_, i) => i)
  for (let i = lines - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * i)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  const next = new Int32Array(lines * LINE)
  for (const [line, to] of order.entries()) next[line * LINE] = to * LINE
  return next
}
