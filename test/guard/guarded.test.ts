import { expect, test } from 'bun:test'
import { guarded } from '../../src/guard/guarded.ts'
import type { Guard } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { pcmOf } from '../fakes/samples.ts'

test('guarded() lets the first guard listed see the call first and its outcome last', async () => {
  const seen: string[] = []
  const named =
    (name: string): Guard =>
    (next) =>
    async (clause, options) => {
      seen.push(`${name} before`)
      const pcm = await next(clause, options)
      seen.push(`${name} after`)
      return pcm
    }
  const synthesize = guarded(async () => pcmOf([]), [named('a'), named('b')])
  await synthesize(clauseOf('Hi.'), { signal: new AbortController().signal })
  expect(seen).toEqual(['a before', 'b before', 'b after', 'a after'])
})

test('guarded() without guards is the call itself', () => {
  const inner = async () => pcmOf([])
  expect(guarded(inner, [])).toBe(inner)
})
