import { describe, expect, test } from 'bun:test'
import { type Code, type Source, SpeechError } from '../../src/errors.ts'
import { keptOn } from '../../src/guard/kept-on.ts'
import type { Synthesize } from '../../src/speech.ts'
import { claimOf } from '../dispatch/lane-of.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock } from '../fakes/clock.ts'
import { pcmOf, square } from '../fakes/samples.ts'

const refusal = (code: Code = 'overloaded', source: Source = 'proxy') =>
  new SpeechError('Host gpu is overloaded', { code, source, retryable: true, retryAfterMs: 400 })

/** A host that refuses so many times before it speaks, asked for a clause at `index`. */
function ask({ refuses = 1e9, error = refusal(), index = 1 } = {}) {
  const clock = new FakeClock()
  const claim = claimOf()
  const leaving = new AbortController()
  const at: number[] = []
  const host: Synthesize = async (_, { claim }) => {
    at.push(clock.now())
    if (at.length > refuses) return pcmOf([square(0.1)])
    claim?.tell({ type: 'refused', host: 'gpu', error })
    throw error
  }
  const { now, setTimer } = clock
  const say = keptOn({ maxMs: 3_000, random: () => 0.5, now, setTimer })(host)
  const said = say(clauseOf('Hello.', { index }), { signal: leaving.signal, claim })
  const outcome = said.then(
    () => 'said',
    (thrown) => thrown,
  )
  return { clock, claim, leaving, at, outcome }
}

describe('keptOn()', () => {
  test('asks again for a clause of a reply that has begun until there is room, and tells of no refusal', async () => {
    const { clock, claim, at, outcome } = ask({ refuses: 2 })
    await clock.advance(1_000)
    expect(await outcome).toBe('said')
    expect(at).toEqual([0, 225, 450])
    expect(claim.events).toEqual([])
  })

  test('gives up after the longest wait, and tells of one refusal', async () => {
    const error = refusal()
    const { clock, claim, at, outcome } = ask({ error })
    await clock.advance(10_000)
    expect(await outcome).toBe(error)
    expect(at.at(-1)).toBe(3_150)
    expect(claim.events).toEqual([{ type: 'refused', host: 'gpu', error }])
  })

  test.each([
    ['a first clause', { index: 0 }],
    ['a tenant’s own limit', { error: refusal('exhausted', 'client') }],
    ['a host’s own refusal', { error: refusal('overloaded', 'host') }],
  ])('does not ask again after %s', async (_, options) => {
    const { clock, at, outcome } = ask(options)
    await clock.advance(10_000)
    expect(await outcome).toBeInstanceOf(SpeechError)
    expect(at).toEqual([0])
  })

  test('asks for nobody who has left', async () => {
    const { clock, leaving, at, outcome } = ask()
    await clock.advance(10)
    leaving.abort(new Error('left'))
    await clock.advance(10_000)
    expect(await outcome).toMatchObject({ message: 'left' })
    expect([at, clock.timers]).toEqual([[0], 0])
  })
})
