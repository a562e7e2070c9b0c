import { joinSamples } from '../../pcm/join-samples.ts'
import type { Samples, Stage } from '../../speech.ts'

const FULL = 32_767
/** Full scale twice over: what 16 bits lose when a value passes their end. */
const TURN = 65_536
/** No voice moves so far from one sample to the next: at full level it would be a tone over a quarter of the rate. */
const JUMP = 49_152
const SMOOTH = TURN - JUMP
/** Voices pass full scale for less than this many samples, about 1.5 ms. */
const LONGEST = 36

/**
 * Repairs samples that CosyVoice's servers let wrap: a value past full scale is cast without a clamp and comes out
 * at the other end, as a loud click. A run of samples is taken for wrapped when it is entered and left by a jump of
 * over three quarters of the whole range, is no longer than 36 samples, and would be smooth a turn higher (or lower);
 * it then becomes full scale. Several samples exactly at the end of the range are clipped audio, and pass unchanged
 * like all else. Holds back at most one run.
 */
export function unwrap(): Stage<Samples, Samples> {
  let before = 0
  let held: Samples = new Int16Array(0)
  return {
    push(chunk) {
      if (chunk.length === 0 || (held.length === 0 && !jumps(chunk, before))) {
        before = chunk.at(-1) ?? before
        return chunk
      }
      const samples = joinSamples(held, chunk)
      const settled = repair(samples, before)
      held = samples.slice(settled)
      before = samples[settled - 1] ?? before
      return samples.subarray(0, settled)
    },
    end() {
      const rest = held
      held = new Int16Array(0)
      return rest
    },
  }
}

// Every sample of every reply comes by here: counted and compared in the plainest way, it runs ten times as fast.
function jumps(samples: Samples, before: number): boolean {
  let last = before
  for (let i = 0; i < samples.length; i++) {
    const step = samples[i]! - last
    if (step > JUMP || step < -JUMP) return true
    last += step
  }
  return false
}

/** Repairs in place; tells how many samples are settled, the rest being a run whose end is not yet here. */
function repair(samples: Samples, before: number): number {
  let last = before
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i]! - last) > JUMP) {
      const side = Math.sign(last)
      const end = runEnd(samples, { start: i, before: last, side })
      if (end === undefined) return i
      if (end > i) samples.fill(side > 0 ? FULL : -FULL - 1, i, end)
      i = Math.max(i, end - 1)
    }
    last = samples[i]!
  }
  return samples.length
}

/** Where the wrapped run ends; `start` when it is none, `undefined` when that cannot be told yet. */
function runEnd(samples: Samples, { start, before, side }: Run): number | undefined {
  let real = before
  let clipped = true
  for (let i = start; i - start <= LONGEST; i++) {
    if (i === samples.length) return undefined
    const sample = samples[i]!
    if (Math.abs(sample - real) < SMOOTH) return clipped && i - start > 1 ? start : i
    const turned = sample + side * TURN
    if (Math.abs(turned - real) >= SMOOTH) return start
    real = turned
    clipped &&= Math.abs(sample) >= FULL
  }
  return start
}

interface Run {
  readonly start: number
  /** The sample in front of it. */
  readonly before: number
  /** 1 above full scale, -1 below. */
  readonly side: number
}
