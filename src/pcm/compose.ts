import type { Samples, Stage } from '../speech.ts'

/** Joins stages into one; the first listed sees the audio first. */
export const compose = (...stages: readonly Stage<Samples, Samples>[]): Stage<Samples, Samples> => ({
  push: (samples) => stages.reduce((passed, stage) => stage.push(passed), samples),
  end: () =>
    stages.reduce((passed: Samples, stage) => join(stage.push(passed), stage.end()), new Int16Array(0)),
})

function join(head: Samples, tail: Samples): Samples {
  if (head.length === 0) return tail
  if (tail.length === 0) return head
  const whole: Samples = new Int16Array(head.length + tail.length)
  whole.set(head)
  whole.set(tail, head.length)
  return whole
}
