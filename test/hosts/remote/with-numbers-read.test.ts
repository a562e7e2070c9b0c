import { expect, test } from 'bun:test'
import { withNumbersRead } from '../../../src/hosts/remote/with-numbers-read.ts'
import type { Clause, Host } from '../../../src/speech.ts'
import { clauseOf } from '../../fakes/clause.ts'
import { hostOf } from '../../fakes/host.ts'
import { pcmOf, square } from '../../fakes/samples.ts'

const signal = new AbortController().signal
const read = (text: string, tags: readonly string[]) => text.replace('3', `three of ${tags}`)

/** A host that keeps what it is asked to say. */
function listening() {
  const said: string[] = []
  const say = ({ spoken }: Clause) => {
    said.push(spoken)
    return pcmOf([square(1)])
  }
  const host: Host = {
    ...hostOf('h', { synthesize: async (clause) => say(clause) }),
    voices: [{ id: 'v', languages: ['de', 'en'] }],
    batch: { max: 2, preferred: [], maxDelayMs: 0, synthesize: async (clauses) => clauses.map(say) },
  }
  return { said, host }
}

test('withNumbersRead() gives the host words, in the language of the clause or else of its voice', async () => {
  const { said, host } = listening()
  const reading = withNumbersRead(host, async () => read)
  await reading.synthesize(clauseOf('3.', { language: 'fr' }), { signal })
  await reading.synthesize(clauseOf('3.'), { signal })
  await reading.batch!.synthesize([clauseOf('3.'), clauseOf('A 3.', { voice: 'other' })], { signal })
  expect(said).toEqual(['three of fr.', 'three of de,en.', 'three of de,en.', 'A three of .'])
  expect(reading).toMatchObject({ id: 'h', slots: 4, batch: { max: 2 } })
})

test('withNumbersRead() is ready once host and reader are, and fails with either', async () => {
  const { promise, resolve } = Promise.withResolvers<typeof read>()
  const { host } = listening()
  let isReady = false
  const waiting = withNumbersRead(host, () => promise).ready.then(() => {
    isReady = true
  })
  await Promise.resolve()
  expect(isReady).toBe(false)
  resolve(read)
  await waiting
  const fault = new Error('no such module')
  await expect(withNumbersRead(host, () => Promise.reject(fault)).ready).rejects.toBe(fault)
  const sick = { ...host, ready: Promise.reject(fault) }
  await expect(withNumbersRead(sick, async () => read).ready).rejects.toBe(fault)
})
