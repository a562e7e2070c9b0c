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

/** A host that is back after so many milliseconds. */
const hostBackAfter = (ms: number, { most = 10 } = {}) => {
  const clock = new FakeClock()
  const asked: { since: number; maxMs: number }[] = []
  const back = comingBack({
    maxMs: 5_000,
    most,
    now: clock.now,
    awaitBack: async (_, { since, maxMs }) => {
      asked.push({ since, maxMs })
      const { promise, resolve } = Promise.withResolvers<void>()
      clock.setTimer(Math.min(ms, maxMs), resolve)
      await promise
      return ms <= maxMs
    },
  })
  return { clock, asked, back }
}

describe('comingBack()', () => {
  test('asks again once the host is back', async () => {
    const { clock, asked, back } = hostBackAfter(1_000)
    const host = failing(2)
    const said = back(host.synthesize)(clause, { signal: live() })
    await clock.advance(2_000)
    expect((await said).rate).toBe(24_000)
    expect(asked).toEqual([
      { since: 0, maxMs: 5_000 },
      { since: 1_000, maxMs: 4_000 },
    ])
  })

  test('gives up after the longest wait, or at the deadline, with what the host said', async () => {
    for (const [deadlineAt, ms] of [
      [undefined, 5_000],
      [3_000, 3_000],
    ] as const) {
      const { clock, back } = hostBackAfter(1e6)
      const claim = claimOf(deadlineAt === undefined ? {} : { deadlineAt })
      const said = back(failing(9).synthesize)(clause, { signal: live(), claim })
      const failed = said.catch((thrown) => ({ thrown, at: clock.now() }))
      await clock.advance(10_000)
      expect(await failed).toMatchObject({ thrown: { message: 'Host cannot be reached' }, at: ms })
    }
  })

  test('waits from the failure on, however long the call had taken', async () => {
    const { clock, back } = hostBackAfter(1_000)
    const host = failing(1)
    const slow: Synthesize = async (...asked) => {
      await new Promise<void>((resolve) => clock.setTimer(20_000, resolve))
      return host.synthesize(...asked)
    }
    const said = back(slow)(clause, { signal: live() })
    await clock.advance(60_000)
    expect((await said).rate).toBe(24_000)
  })

  test('asks no more than the longest wait, however often the host comes and goes', async () => {
    const { clock, back } = hostBackAfter(1_000)
    const host = failing(100)
    const failed = back(host.synthesize)(clause, { signal: live() }).catch((thrown) => thrown)
    await clock.advance(60_000)
    expect(await failed).toBeInstanceOf(SpeechError)
    expect(host.asked()).toBe(6)
  })

  test('asks once more only for what broke off each time, since the text may be what ends the host', async () => {
    const { clock, back } = hostBackAfter(100)
    const deadly = failing(100, gone('upstream'))
    const failed = back(deadly.synthesize)(clause, { signal: live() }).catch((thrown) => thrown)
    await clock.advance(60_000)
    expect(await failed).toMatchObject({ code: 'upstream' })
    expect(deadly.asked()).toBe(2)
  })

  test.each([
    ['a caller’s mistake', gone('unavailable', 'client')],
    ['a full queue', gone('overloaded', 'proxy')],
    ['a late host', gone('timeout')],
    ['what asking again cannot mend', new SpeechError('No', { code: 'upstream', source: 'host' })],
  ])('waits for nobody after %s', async (_, error) => {
    const { asked, back } = hostBackAfter(0)
    await expect(back(failing(1, error).synthesize)(clause, { signal: live() })).rejects.toBe(error)
    expect(asked).toEqual([])
  })

  test('asks nobody again for a caller who has left', async () => {
    const { asked, back } = hostBackAfter(0)
    const said = back(failing(1).synthesize)(clause, { signal: AbortSignal.abort() })
    await expect(said).rejects.toThrow('Host cannot be reached')
    expect(asked).toEqual([])
  })

  test('lets no more wait than may', async () => {
    const { clock, asked, back } = hostBackAfter(1_000, { most: 1 })
    const say = back(failing(2).synthesize)
    const first = say(clause, { signal: live() })
    await expect(say(clause, { signal: live() })).rejects.toThrow('Host cannot be reached')
    await clock.advance(1_000)
    await first
    expect(asked.length).toBe(1)
  })
})
