import { describe, expect, test } from 'bun:test'
import { SpeechError } from '../../src/errors.ts'
import { Spool } from '../../src/pcm/spool.ts'
import { SpoolBudget } from '../../src/pcm/spool-budget.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { counting, endless, failingAfter, paced, pcmOf } from '../fakes/samples.ts'
import { readFrom } from '../fakes/supply.ts'

const budgetOf = (bytes: number, clock = new FakeClock()) =>
  new SpoolBudget({ bytes, stallMs: 60_000, now: clock.now, every: clock.every })

async function readAll(spool: Spool, most = 1000): Promise<number[]> {
  const all: number[] = []
  for (let part = await readFrom(spool, most); part; part = await readFrom(spool, most)) all.push(...part)
  return all
}

describe('Spool', () => {
  test('gives the samples in order in pieces of any size', async () => {
    for (const most of [1, 7, 100, 5000]) {
      const spool = new Spool(pcmOf([counting(10), counting(300, 10), counting(1, 310)]), {
        budget: budgetOf(1e6),
        seconds: 60,
      })
      expect(await readAll(spool, most)).toEqual([...counting(311)])
    }
  })

  test('reads the host to its end while the listener reads nothing', async () => {
    let ended = 0
    const pcm = pcmOf([counting(100), counting(100), counting(100)])
    const spool = new Spool(pcm, { budget: budgetOf(1e6), seconds: 60, call: { ended: () => void ended++ } })
    await settle()
    expect(pcm.pulls()).toBe(4)
    expect(ended).toBe(1)
    expect(spool.bytes).toBe(600)
  })

  test('makes the host wait only when it is full', async () => {
    const pcm = pcmOf(endless(2400)) // 100 ms a chunk
    const spool = new Spool(pcm, { budget: budgetOf(1e6), seconds: 1 })
    await settle()
    expect(pcm.pulls()).toBe(10)
    await readFrom(spool, 2400)
    await settle()
    expect(pcm.pulls()).toBe(11)
    spool.fail('done')
  })

  test('cuts a listener off who keeps it full for too long', async () => {
    const clock = new FakeClock()
    const pcm = pcmOf(endless(2400))
    const spool = new Spool(pcm, { budget: budgetOf(1e9, clock), seconds: 1 })
    await settle()
    await clock.advance(59_000)
    expect(pcm.cancelled()).toBeUndefined()
    await clock.advance(2_000)
    expect(pcm.cancelled()).toBeInstanceOf(SpeechError)
    await expect(readFrom(spool, 1)).rejects.toThrow('Listener stalled')
    expect(clock.timers).toBe(0)
  })

  test('carries a host failure to the listener as a SpeechError', async () => {
    const spool = new Spool(pcmOf([counting(10)], { fails: new Error('cut') }), {
      budget: budgetOf(1e6),
      seconds: 60,
    })
    await settle()
    await expect(readFrom(spool, 100)).rejects.toBeInstanceOf(SpeechError)
  })

  test('stops the host and frees its bytes when it is failed', async () => {
    const budget = budgetOf(1e6)
    const pcm = pcmOf(endless(100))
    let closed = 0
    const spool = new Spool(pcm, { budget, seconds: 1, call: { closed: () => void closed++ } })
    await settle()
    spool.fail('caller left')
    spool.fail('again')
    expect(pcm.cancelled()).toBe('caller left')
    expect(budget.used).toBe(0)
    expect(closed).toBe(1)
    await expect(readFrom(spool, 1)).rejects.toBe('caller left')
  })

  test('is closed once, though it is failed after its end', async () => {
    let closed = 0
    const spool = new Spool(pcmOf([counting(10)]), {
      budget: budgetOf(1e6),
      seconds: 1,
      call: { closed: () => void closed++ },
    })
    expect(await readAll(spool)).toHaveLength(10)
    spool.fail('too late')
    expect(closed).toBe(1)
    expect(await readFrom(spool, 1)).toBeUndefined()
  })

  test('tells the seconds that come and the seconds that are taken', async () => {
    let [came, taken] = [0, 0]
    const spool = new Spool(pcmOf([counting(24_000)]), {
      budget: budgetOf(1e6),
      seconds: 60,
      call: {
        arrived: (seconds) => void (came += seconds),
        taken: (seconds) => void (taken += seconds),
      },
    })
    await settle()
    await readFrom(spool, 1_200)
    expect([came, taken]).toEqual([1, 0.05])
  })

  test.each([
    ['when the host has said all', pcmOf([counting(100)]), () => {}],
    ['when the host fails', pcmOf([counting(100)], { fails: new Error('died') }), () => {}],
    ['when the listener leaves', paced(), (spool: Spool) => spool.fail('left')],
    ['when the listener leaves one that is full', pcmOf(endless(2400)), (spool: Spool) => spool.fail('left')],
  ])('tells once that no more will come: %s', async (_, pcm, leave) => {
    let ended = 0
    const call = { ended: () => void ended++ }
    const spool = new Spool(pcm, { budget: budgetOf(1e9), seconds: 1, call })
    await settle()
    leave(spool)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(ended).toBe(1)
  })

  test('reads on once there is room, but not while what was taken is lent', async () => {
    const pcm = pcmOf([counting(2400), counting(2400, 2400), counting(2400, 4800)])
    const spool = new Spool(pcm, { budget: budgetOf(1e6), seconds: 0.15 })
    await settle()
    const pulls = pcm.pulls()
    const taken = spool.take(2400)!
    expect([pcm.pulls(), taken[0], taken.at(-1)]).toEqual([pulls, 0, 2399])
    await settle()
    expect([pcm.pulls(), taken[0], taken.at(-1)]).toEqual([pulls + 1, 0, 2399])
  })

  describe('asks again for audio that breaks off', () => {
    const cut = new SpeechError('Host broke off', { code: 'upstream', source: 'host', retryable: true })
    const brokenOff = () => pcmOf([counting(100)], { fails: cut })

    test('while none of it has been read, and gives the new audio only, at its own rate', async () => {
      const errors: SpeechError[] = []
      const budget = budgetOf(1e6)
      const spool = new Spool(brokenOff(), {
        budget,
        seconds: 60,
        call: {
          askAgain: async (error) => {
            errors.push(error)
            return errors.length === 1 ? brokenOff() : pcmOf([counting(50, 1000)], { rate: 16_000, speed: 2 })
          },
        },
      })
      await settle()
      expect(errors).toEqual([cut, cut])
      expect(await readAll(spool)).toEqual([...counting(50, 1000)])
      expect([spool.rate, spool.speed, budget.used]).toEqual([16_000, 2, 0])
    })

    test('but never once some has been read', async () => {
      let asked = 0
      const fail = Promise.withResolvers<void>()
      const spool = new Spool(failingAfter(counting(100), fail.promise), {
        budget: budgetOf(1e6),
        seconds: 60,
        call: {
          askAgain: async () => {
            asked++
            return pcmOf([counting(50)])
          },
        },
      })
      await readFrom(spool, 10)
      fail.resolve()
      await settle()
      await expect(readFrom(spool, 10)).rejects.toThrow('Unexpected failure')
      expect(asked).toBe(0)
    })

    test('and fails as the first time when asking is of no use', async () => {
      const spool = new Spool(brokenOff(), {
        budget: budgetOf(1e6),
        seconds: 60,
        call: { askAgain: async () => undefined },
      })
      await settle()
      await expect(readFrom(spool, 10)).rejects.toBe(cut)
    })

    test('and lets new audio go when the listener has left meanwhile', async () => {
      const coming = Promise.withResolvers<ReturnType<typeof pcmOf>>()
      const budget = budgetOf(1e6)
      const spool = new Spool(brokenOff(), { budget, seconds: 60, call: { askAgain: () => coming.promise } })
      await settle()
      spool.fail('left')
      const late = pcmOf([counting(50)])
      coming.resolve(late)
      await settle()
      expect([late.cancelled(), late.pulls(), budget.used]).toEqual(['left', 0, 0])
    })
  })
})
