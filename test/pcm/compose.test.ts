import { expect, test } from 'bun:test'
import { compose } from '../../src/pcm/compose.ts'
import type { Samples, Stage } from '../../src/speech.ts'
import { counting } from '../fakes/samples.ts'

/** Holds the last sample back. */
function late(): Stage<Samples, Samples> {
  let held = new Int16Array(0)
  return {
    push(samples) {
      const all = Int16Array.from([...held, ...samples])
      held = all.slice(-1)
      return all.slice(0, -1)
    },
    end: () => held,
  }
}

test('compose() passes audio through every stage and loses no tail at the end', () => {
  const stage = compose(late(), late(), late())
  const out = [counting(2), counting(3, 2)].flatMap((samples) => [...stage.push(samples)])
  expect([...out, ...stage.end()]).toEqual([0, 1, 2, 3, 4])
})
