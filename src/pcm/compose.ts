import type { Samples, Stage } from '../speech.ts'
import { joinSamples } from './join-samples.ts'

/** Joins stages into one; the first listed sees the audio first. */
export const compose = (...stages: readonly Stage<Samples, Samples>[]): Stage<Samples, Samples> => ({
  push: (samples) => stages.reduce((passed, stage) => stage.push(passed), samples),
  end: () =>
    stages.reduce(
      (passed: Samples, stage) => joinSamples(stage.push(passed), stage.end()),
      new Int16Array(0),
    ),
})
