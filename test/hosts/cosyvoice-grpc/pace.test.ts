import { describe, expect, test } from 'bun:test'
import { Pace, type Work } from '../../../src/hosts/cosyvoice-grpc/pace.ts'
import { FakeClock } from '../../fakes/clock.ts'

const start = () => {
  const clock = new FakeClock()
  return { clock, pace: new Pace({ now: clock.now }) }
}

/** A piece that takes so long. */
async function piece(work: Work, { clock, ms }: { clock: FakeClock; ms: number }): Promise<void> {
  const heard = work.time(new Promise<void>((resolve) => clock.setTimer(ms, resolve)))
  await clock.advance(ms)
  await heard
}

describe('Pace', () => {
  test('knows nothing before the first piece, then the longest of the last sixteen', async () => {
    const { clock, pace } = start()
    expect(pace.longest).toBeUndefined()
    const work = pace.begin()
    for (const ms of [300, 900, 500]) await piece(work, { clock, ms })
    expect(pace.longest).toBe(900)
    for (let i = 0; i < 15; i++) await piece(work, { clock, ms: 100 })
    expect(pace.longest).toBe(500)
  })

  test('learns nothing from a piece that was there already when it was asked for', async () => {
    const { clock, pace } = start()
    const work = pace.begin()
    await clock.advance(10_000) // a slow listener
    await work.time(Promise.resolve())
    expect(pace.longest).toBeUndefined()
  })

  test('expects the piece in work to take as long as the longest and a quarter, counted from the last one', async () => {
    const { clock, pace } = start()
    const work = pace.begin()
    await piece(work, { clock, ms: 800 })
    expect(work.left(800)).toBe(1_000)
    await clock.advance(300)
    expect(work.left(800)).toBe(700)
  })

  test('gives a piece that is late a quarter more, and one that is done nothing', async () => {
    const { clock, pace } = start()
    const work = pace.begin()
    await clock.advance(5_000)
    expect(work.left(800)).toBe(200)
    expect(work.over).toBe(false)
    work.end()
    expect(work.over).toBe(true)
    expect(work.left(800)).toBe(0)
  })

  test('hands on what a piece fails with, and learns nothing', async () => {
    const { pace } = start()
    const work = pace.begin()
    expect(work.time(Promise.reject(new Error('gone')))).rejects.toThrow('gone')
    expect(pace.longest).toBeUndefined()
  })
})
