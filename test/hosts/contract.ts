import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { SpeechError } from '../../src/errors.ts'
import { spokenSeconds } from '../../src/guard/spoken-seconds.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Host, Pcm, Samples } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { piecesOf } from '../fakes/samples.ts'
import { GONE } from './reasons.ts'

export interface Subject extends AsyncDisposable {
  readonly host: Host
  /** One of its voices. */
  readonly voice: string
}

const SHORT = 'Hello there.'
const LONG =
  'The quick brown fox jumps over the lazy dog. Nobody knows why it does so. It never says a word. '.repeat(2)

export interface ContractOptions {
  /** Whether its audio comes while it is made. @default true */
  readonly streams?: boolean
}

/** What every host promises (see `Synthesize` in `speech.ts`), tried on one. */
export function hostContract(
  name: string,
  start: () => Promise<Subject>,
  { streams = true }: ContractOptions = {},
): void {
  describe(`${name} keeps the host contract:`, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await start()
      await subject.host.ready
    })
    afterAll(() => subject[Symbol.asyncDispose]())

    const say = (
      spoken: string,
      signal = new AbortController().signal,
      voice = subject.voice,
    ): Promise<Pcm> => subject.host.synthesize(clauseOf(spoken, { voice }), { signal })
    const speaksStill = async () => expect(levelOf(await all(await say(SHORT)))).toBeGreaterThan(200)

    test('it has the voices that it lists, and not others', () => {
      expect(subject.host.voices.map(({ id }) => id)).toContain(subject.voice)
      expect(subject.host.voices.every(({ id }) => subject.host.has(id))).toBe(true)
      expect(subject.host.has('no such voice')).toBe(false)
      expect(subject.host.slots).toBeGreaterThan(0)
    })

    test('it says a text: not silent, as long as saying it takes, at a rate it tells', async () => {
      for (const text of [SHORT, LONG]) {
        const pcm = await say(text)
        const samples = await all(pcm)
        const { least, most } = spokenSeconds(text)
        expect(pcm.rate).toBeWithin(8_000, 48_001)
        expect(pcm.speed).toBe(1)
        expect(samples.length / pcm.rate).toBeWithin(least, most)
        expect(levelOf(samples)).toBeGreaterThan(200)
      }
    })

    test(`it gives whole samples, ${streams ? 'in several chunks' : 'all at once'}, none of them empty`, async () => {
      const lengths: number[] = []
      for await (const chunk of piecesOf(await say(LONG))) {
        expect(chunk).toBeInstanceOf(Int16Array)
        lengths.push(chunk.length)
      }
      if (streams) expect(lengths.length).toBeGreaterThan(1)
      else expect(lengths.length).toBe(1)
      expect(Math.min(...lengths)).toBeGreaterThan(0)
    })

    test('two at once are not mixed', async () => {
      const texts = [
        LONG,
        SHORT,
        'One, two, three, four, and what comes after that I have forgotten, my dear old friend.',
      ]
      const alone: Samples[] = []
      for (const text of texts) alone.push(await all(await say(text)))
      const together = await Promise.all(texts.map(async (text) => all(await say(text))))
      for (const [i, samples] of together.entries()) {
        const others = alone.filter((_, k) => k !== i)
        expect(samples.length / alone[i]!.length).toBeCloseTo(1, 1)
        expect(likeness(samples, alone[i]!)).toBeGreaterThan(0.8)
        expect(Math.max(...others.map((other) => likeness(samples, other)))).toBeLessThan(0.6)
      }
    })

    test('a caller who has left is not served', async () => {
      expect(await failure(say(SHORT, AbortSignal.abort(GONE)))).toBe(GONE)
    })

    test('a caller who leaves before the first audio gets the reason, and the host goes on', async () => {
      const caller = new AbortController()
      const call = say(LONG, caller.signal)
      caller.abort(GONE)
      expect(await failure(call)).toBe(GONE)
      await speaksStill()
    })

    test('a caller who leaves in the middle gets the reason, never an end, and the host goes on', async () => {
      const caller = new AbortController()
      const pcm = await say(LONG, caller.signal)
      await nextOf(pcm)
      caller.abort(GONE)
      expect(await failure(all(pcm))).toBe(GONE)
      await speaksStill()
    })

    test('cancelling settles, at its start, in the middle and while it is read, and the host goes on', async () => {
      await (await say(LONG)).cancel(GONE)
      const pcm = await say(LONG)
      await nextOf(pcm)
      await pcm.cancel(GONE)
      const read = await say(LONG)
      const rest = all(read).catch(() => {})
      await read.cancel(GONE)
      await rest
      await speaksStill()
    })

    test('a slow reader gets all of it', async () => {
      const whole = await all(await say(LONG))
      let count = 0
      for await (const chunk of piecesOf(await say(LONG))) {
        if (count < whole.length / 4) await new Promise((resolve) => setTimeout(resolve, 10))
        count += chunk.length
      }
      expect(count / whole.length).toBeCloseTo(1, 2)
    })

    test('an unknown voice is the caller’s mistake', async () => {
      const error = await failure(say(SHORT, undefined, 'no such voice'))
      expect(error).toMatchObject({ source: 'client', retryable: false })
    })

    test('once disposed of it neither ends what it was saying nor begins anew', async () => {
      await using other = await start()
      await other.host.ready
      const clause = clauseOf(LONG.repeat(3), { voice: other.voice })
      const rest = all(await other.host.synthesize(clause, { signal: new AbortController().signal }))
      await other.host[Symbol.asyncDispose]()
      expect(await failure(rest)).toBeInstanceOf(SpeechError)
      const again = other.host.synthesize(clause, { signal: new AbortController().signal })
      expect(await failure(again)).toBeInstanceOf(SpeechError)
    })
  })
}

/** Reads audio to its end. */
export async function all(pcm: Pcm): Promise<Samples> {
  const chunks: Samples[] = []
  for await (const chunk of piecesOf(pcm)) chunks.push(chunk)
  const whole: Samples = new Int16Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** What a promise rejects with; fails when it does not. */
export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => Promise.reject(new Error('It did not fail')),
    (thrown: unknown) => thrown,
  )

/** Root mean square. */
const levelOf = (samples: Samples): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)

/** How alike two recordings are in level from place to place: 1 for the same words, far less for others. */
function likeness(a: Samples, b: Samples): number {
  const [x, y] = [envelope(a), envelope(b)]
  const dot = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * (q[i] ?? 0), 0)
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
}

/** The level of each hundredth part, less the mean. */
function envelope(samples: Samples): number[] {
  const size = Math.floor(samples.length / 100)
  const levels = Array.from({ length: 100 }, (_, i) => levelOf(samples.subarray(i * size, (i + 1) * size)))
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length
  return levels.map((level) => level - mean)
}
