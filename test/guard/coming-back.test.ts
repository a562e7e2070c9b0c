import { describe, expect, test } from 'bun:test'
import { type Code, type Source, SpeechError } from '../../src/errors.ts'
import { comingBack } from '../../src/guard/coming-back.ts'
import type { Synthesize } from '../../src/speech.ts'
import { claimOf } from '../dispatch/lane-of.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock } from '../fakes/clock.ts'
import { pcmOf, square } from '../fakes/samples.ts'

const clause = clauseOf('Hello.')
const live = () => new AbortController().signal
const gone = (code: Code = 'unavailable', source: Source = 'host') =>
  new SpeechError('Host cannot be reached', { code, source, retryable: true })

/** Fails so many times, with whatever it is given, and then speaks. */
const failing = (times: number, error: unknown = gone()) => {
  let asked = 0
  const synthesize: Synthesize = async () => {
    if (asked++ < times) throw error
    return pcmOf([square(0.1)])
  }
  return { synthesize, asked: () => asked }
}

/** Hosts of which one is back after so many milliseconds; `away` is what callers are told of them. */
const backAfter = (ms: number, { most = 10, away }: { most?: number; away?: SpeechError } = {}) => {
  const clock = new FakeClock()
  const waits: { since: number; maxMs: number }[] = []
  const back = comingBack({
    maxMs: 5_000,
    most,
    now: clock.now,
    hosts: {
      async awaitBack(_, { since, maxMs, signal }) {
        waits.push({ since, maxMs })
        const { promise, resolve } = Promise.withResolvers<void>()
        clock.setTimer(Math.min(ms, maxMs), resolve)
        signal.addEventListener('abort', () => resolve())
        await promise
        return ms <= maxMs && !signal.aborted ? 'gpu' : undefined
      },
      awayError: () => away,
    },
  })
  return { clock, waits, back }
}

describe('comingBack()', () => {
  test('asks again once a host is back, and tells so', async () => {
    const { clock, waits, back } = backAfter(1_000)
    const claim = claimOf()
    const said = back(failing(1).synthesize)(clause, { signal: live(), claim })
    await clock.advance(2_000)
    expect((await said).rate).toBe(24_000)
    expect(waits).toEqual([{ since: 0, maxMs: 5_000 }])
    expect(claim.events).toMatchObject([{ type: 'retried', host: 'gpu', error: { code: 'unavailable' } }])
  })

  test('waits from the failure on, however long the call had taken', async () => {
    const { clock, waits, back } = backAfter(1_000)
    const host = failing(1)
    const slow: Synthesize = async (...asked) => {
      await new Promise<void>((resolve) => clock.setTimer(20_000, resolve))
      return host.synthesize(...asked)
    }
    const said = back(slow)(clause, { signal: live() })
    await clock.advance(60_000)
    expect((await said).rate).toBe(24_000)
    expect(waits).toEqual([{ since: 0, maxMs: 5_000 }])
  })

  test.each([
    [undefined, 5_000],
    [3_000, 3_000],
  ])(
    'gives up after the longest wait, or at the deadline %p, with what the host said',
    async (deadlineAt, ms) => {
      const { clock, back } = backAfter(1e6)
      const claim = claimOf(deadlineAt === undefined ? {} : { deadlineAt })
      const said = back(failing(9).synthesize)(clause, { signal: live(), claim })
      const failed = said.catch((thrown) => ({ thrown, at: clock.now() }))
      await clock.advance(10_000)
      expect(await failed).toMatchObject({ thrown: { message: 'Host cannot be reached' }, at: ms })
    },
  )

  test('asks again as often as a host comes back that took nothing on, within the longest wait', async () => {
    const { clock, back } = backAfter(1_000)
    const host = failing(100)
    const failed = back(host.synthesize)(clause, { signal: live() }).catch((thrown) => thrown)
    await clock.advance(60_000)
    expect(await failed).toMatchObject({ code: 'unavailable' })
    expect(host.asked()).toBe(6)
  })

  const reset = new SpeechError('gone', {
    code: 'unavailable',
    source: 'host',
    retryable: true,
    cause: new Error('ECONNRESET: connection reset'),
  })
  const several = new SpeechError('gone', {
    code: 'unavailable',
    source: 'host',
    retryable: true,
    cause: new AggregateError([gone(), gone('upstream')]),
  })
  test.each([
    ['broke off', gone('upstream')],
    ['was reset', reset],
    ['broke off at one of several tries', several],
  ])('asks once more only for what %s: the text may be what ends the host', async (_, error) => {
    const { clock, back } = backAfter(100)
    const deadly = failing(100, error)
    const failed = back(deadly.synthesize)(clause, { signal: live() }).catch((thrown) => thrown)
    await clock.advance(60_000)
    expect(await failed).toBe(error)
    expect(deadly.asked()).toBe(2)
  })

  test('tells what keeps hosts from taking connections, whatever the last failure was', async () => {
    const away = gone()
    const { clock, back } = backAfter(0, { away })
    const failed = back(failing(9, gone('upstream')).synthesize)(clause, { signal: live() })
    const told = failed.catch((thrown) => thrown)
    await clock.advance(0)
    expect(await told).toBe(away)
    const full = gone('overloaded', 'proxy')
    await expect(back(failing(9, full).synthesize)(clause, { signal: live() })).rejects.toBe(full)
  })

  test.each([
    ['a caller’s mistake', gone('unavailable', 'client')],
    ['a full queue', gone('overloaded', 'proxy')],
    ['a late host', gone('timeout')],
    ['what asking again cannot mend', new SpeechError('No', { code: 'upstream', source: 'host' })],
  ])('waits for nobody after %s', async (_, error) => {
    const { waits, back } = backAfter(0)
    await expect(back(failing(1, error).synthesize)(clause, { signal: live() })).rejects.toBe(error)
    expect(waits).toEqual([])
  })

  test('asks nobody again for a caller who has left, before or while they wait', async () => {
    const { clock, waits, back } = backAfter(1_000)
    const host = failing(9)
    await expect(back(host.synthesize)(clause, { signal: AbortSignal.abort() })).rejects.toThrow('reached')
    expect(waits).toEqual([])
    const leaving = new AbortController()
    const waiting = back(host.synthesize)(clause, { signal: leaving.signal }).catch((thrown) => thrown)
    await clock.advance(100)
    leaving.abort(new Error('left'))
    expect(await waiting).toMatchObject({ message: 'left' })
    expect(host.asked()).toBe(2)
  })

  test('lets no more wait than may, but who has less than an equal share of the places', async () => {
    const { clock, waits, back } = backAfter(1_000, { most: 4 })
    const ask = (tenant: string) =>
      back(failing(1).synthesize)(clause, { signal: live(), claim: claimOf({ tenant }) }).then(
        () => `${tenant} heard`,
        () => `${tenant} refused`,
      )
    const asked = ['a', 'a', 'a', 'a', 'a', 'b', 'b', 'b'].map(ask)
    await clock.advance(1_000)
    expect(await Promise.all(asked)).toEqual([
      ...Array(4).fill('a heard'),
      'a refused',
      'b heard',
      'b heard',
      'b refused',
    ])
    expect(waits.length).toBe(6)
    const later = ask('a')
    await clock.advance(1_000)
    expect(await later).toBe('a heard')
  })
})
