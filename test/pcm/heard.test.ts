import { describe, expect, test } from 'bun:test'
import { Handoff } from '../../src/pcm/handoff.ts'
import { Heard, type Spoken } from '../../src/pcm/heard.ts'
import { Spool } from '../../src/pcm/spool.ts'
import { SpoolBudget } from '../../src/pcm/spool-budget.ts'
import { moreOf } from '../../src/pcm/supply.ts'
import type { Samples, Supply } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { settle } from '../fakes/clock.ts'
import { pcmOf, pulled } from '../fakes/samples.ts'
import { supplyOf } from '../fakes/supply.ts'

const tone = (seconds: number, rate: number): Samples =>
  Int16Array.from(
    { length: Math.round(seconds * rate) },
    (_, i) => 9000 * Math.sin((2 * Math.PI * 300 * i) / rate),
  )

const spoolOf = (
  samples: Samples,
  { rate = 24_000, speed = 1, fails }: { rate?: number; speed?: number; fails?: Error } = {},
) =>
  new Spool(pcmOf([samples], { rate, speed, ...(fails && { fails }) }), {
    budget: new SpoolBudget({ bytes: 1e9, stallMs: 1e6 }),
    seconds: 60,
  })

/** What a generator gives; one that is disposed of returns. */
const supplied = (spoken: AsyncGenerator<Spoken, void>): Supply<Spoken> & Disposable =>
  Object.assign(
    supplyOf(async () => (await spoken.next()).value ?? undefined),
    {
      [Symbol.dispose]: () => void spoken.return(),
    },
  )

async function samplesOf(
  spoken: AsyncGenerator<Spoken, void>,
  { rate = 24_000, trim = true } = {},
): Promise<Samples> {
  const heard = new Heard(supplied(spoken), { rate, trim })
  const all: number[] = []
  while (!heard.isOver) {
    await moreOf(heard)
    for (let samples = heard.take(); samples; samples = heard.take()) all.push(...samples)
  }
  return Int16Array.from(all)
}

async function* spokenOf(
  ...spoken: { pauseMs?: number; speed?: number; spool: Spool }[]
): AsyncGenerator<Spoken, void> {
  for (const [index, { pauseMs = 0, speed = 1, spool }] of spoken.entries()) {
    yield { clause: clauseOf('x', { index, pauseMs, speed }), spool: Promise.resolve(spool) }
  }
}

describe('Heard', () => {
  test('joins clauses of different rates at one rate, with exact pauses and none at the end', async () => {
    const out = await samplesOf(
      spokenOf(
        { pauseMs: 123, spool: spoolOf(tone(0.5, 22_050), { rate: 22_050 }) },
        { pauseMs: 500, spool: spoolOf(tone(0.5, 48_000), { rate: 48_000 }) },
      ),
      { trim: false },
    )
    expect(out.length).toBe(12_000 + 2_952 + 12_000)
    expect(out.subarray(12_000, 14_952).every((sample) => sample === 0)).toBe(true)
  })

  test('is over with its last samples where no more clauses come, without being waited for', async () => {
    const spoken = Object.assign(new Handoff<Spoken>(), { [Symbol.dispose]() {} })
    spoken.push({ clause: clauseOf('x'), spool: Promise.resolve(spoolOf(tone(0.5, 24_000))) })
    spoken.end()
    const heard = new Heard(spoken, { rate: 24_000, trim: true })
    await moreOf(heard) // the clause
    await moreOf(heard) // its audio
    let [count, isOver] = [0, false]
    for (let samples = heard.take(); samples; samples = heard.take()) {
      count += samples.length
      isOver = heard.isOver
    }
    expect(count).toBe(12_000)
    expect(isOver).toBe(true)
  })

  test('stretches by what the host has left of the speed', async () => {
    const left = await samplesOf(spokenOf({ speed: 2, spool: spoolOf(tone(1, 24_000)) }), { trim: false })
    expect(left.length / 12_000).toBeCloseTo(1, 1)
    const done = await samplesOf(spokenOf({ speed: 2, spool: spoolOf(tone(1, 24_000), { speed: 2 }) }), {
      trim: false,
    })
    expect(done.length).toBe(24_000)
  })

  test('trims silence at a clause’s edges', async () => {
    const padded = new Int16Array(24_000)
    padded.set(tone(0.5, 24_000), 6_000)
    const out = await samplesOf(spokenOf({ spool: spoolOf(padded) }))
    expect(out.length).toBeGreaterThanOrEqual(12_000)
    expect(out.length).toBeLessThan(14_000)
  })

  test('has no step at a seam that the signal itself does not have', async () => {
    const square = new Int16Array(4_800).fill(12_000)
    const out = await samplesOf(
      spokenOf({ spool: spoolOf(square) }, { spool: spoolOf(square.map((s) => -s)) }),
    )
    const steps = out.slice(1).map((sample, i) => Math.abs(sample - out[i]!))
    expect(Math.max(...steps)).toBeLessThan(400)
  })

  test('takes audio of a rate that no piece of it divides evenly', async () => {
    const out = await samplesOf(spokenOf({ spool: spoolOf(tone(1, 22_051), { rate: 22_051 }) }))
    expect(Math.abs(out.length - 24_000)).toBeLessThan(500)
  })

  test('fails where a clause fails, after what was heard of it', async () => {
    const spool = spoolOf(tone(1, 24_000), { fails: new Error('died') })
    await expect(samplesOf(spokenOf({ spool }))).rejects.toThrow()
  })

  test('fails where a clause has no audio at all, and asks for no more clauses once it is disposed of', async () => {
    let returned = 0
    const failed = Promise.reject(new Error('refused'))
    failed.catch(() => {})
    const spoken = (async function* (): AsyncGenerator<Spoken, void> {
      try {
        for (;;) yield { clause: clauseOf('x'), spool: failed }
      } finally {
        returned++
      }
    })()
    const heard = new Heard(supplied(spoken), { rate: 24_000, trim: true })
    await moreOf(heard)
    await moreOf(heard)
    expect(() => heard.take()).toThrow('refused')
    heard[Symbol.dispose]()
    await settle()
    expect(returned).toBe(1)
  })

  test('takes no more of a clause than is at hand', async () => {
    const held = Promise.withResolvers<Samples | undefined>()
    const given = [tone(0.5, 24_000)]
    const spool = new Spool(pulled({ read: async () => given.shift() ?? held.promise }), {
      budget: new SpoolBudget({ bytes: 1e9, stallMs: 1e6 }),
      seconds: 60,
    })
    const heard = new Heard(supplied(spokenOf({ spool })), { rate: 24_000, trim: false })
    for (let i = 0; i < 3; i++) await moreOf(heard) // for the clause, its spool and its audio
    let size = 0
    for (let samples = heard.take(); samples; samples = heard.take()) size += samples.length
    expect(size).toBe(12_000 - 120) // the last 5 ms may be faded
    expect(heard.isOver).toBe(false)
    held.resolve(undefined)
    await moreOf(heard)
    expect(heard.take()).toHaveLength(120)
  })
})
