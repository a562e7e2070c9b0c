import { expect, test } from 'bun:test'
import { compose } from '../../src/pcm/compose.ts'
import type { Samples, Stage } from '../../src/speech.ts'
import { counting } from '../fakes/samples.ts'

/** Holds the last sample back, and lends all it gives from one buffer. */
function late(): Stage<Samples, Samples> {
  const memory = new Int16Array(100)
  const lend = (samples: Samples) => {
    memory.fill(-1).set(samples)
    return memory.subarray(0, samples.length)
  }
  let held = new Int16Array(0)
  return {
    push(samples) {
      const all = Int16Array.from([...held, ...samples])
      held = all.slice(-1)
      return lend(all.slice(0, -1))
    },
    end: () => lend(held),
  }
}

test('compose() passes audio through every stage and loses no tail at the end', () => {
  const stage = compose(late(), late(), late())
  const out = [counting(2), counting(3, 2)].flatMap((samples) => [...stage.push(samples)])
  expect([...out, ...stage.end()]).toEqual([0, 1, 2, 3, 4])
})
