import type { Samples, Stage } from '../speech.ts'
import { joinSamples } from './join-samples.ts'

/** Changes nothing. */
export const THROUGH: Stage<Samples, Samples> = { push: (samples) => samples, end: () => new Int16Array(0) }

/** Joins stages into one; the first listed sees the audio first. One that stands alone among `THROUGH` is given as it is. */
export function compose(...all: readonly Stage<Samples, Samples>[]): Stage<Samples, Samples> {
  const stages = all.filter((stage) => stage !== THROUGH)
  const [only = THROUGH] = stages
  if (stages.length <= 1) return only
  return {
    push: (samples) => stages.reduce((passed, stage) => stage.push(passed), samples),
    end: () =>
      stages.reduce(
        (passed: Samples, stage) => joinSamples(stage.push(passed).slice(), stage.end()),
        new Int16Array(0),
      ),
  }
}
