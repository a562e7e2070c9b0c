import { expect, test } from 'bun:test'
import { checkSentence } from '../../src/cli/check-sentences.ts'
import { checkVoice } from '../../src/cli/check-voice.ts'
import { estimate } from '../../src/dispatch/estimate.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Clause, Samples, Signal, Synthesize } from '../../src/speech.ts'
import { FakeClock } from '../fakes/clock.ts'
import { hostOf } from '../fakes/host.ts'
import { endless, pcmOf, pulled, square } from '../fakes/samples.ts'

const VOICE = { id: 'ann', languages: ['en-GB'] }
const SENTENCE = checkSentence(VOICE)
/** What it usually takes. */
const SECONDS = estimate({ spoken: SENTENCE.text, speed: 1 })

function check(synthesize: Synthesize, clock = new FakeClock()) {
  const stop = new AbortController()
  const host = hostOf('gpu', { voices: ['ann'], synthesize })
  const { now, setTimer } = clock
  const done = checkVoice(host, { voice: VOICE, sentence: SENTENCE, signal: stop.signal, now, setTimer })
  done.catch(() => {})
  return { clock, stop, done }
}

const says =
  (...chunks: Samples[]): Synthesize =>
  async () =>
    pcmOf(chunks)

test('checkVoice() asks for the sentence as a request would and tells how long it took', async () => {
  const asked: Clause[] = []
  const heard = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()
  const { clock, done } = check(async (clause) => {
    asked.push(clause)
    await heard.promise
    const pcm = pcmOf([square(SECONDS / 2), square(SECONDS / 2)])
    let reads = 0
    return pulled({ read: () => (++reads === 2 ? over.promise : Promise.resolve()).then(() => nextOf(pcm)) })
  })
  await clock.advance(200)
  heard.resolve()
  await clock.advance(800)
  over.resolve()
  const { factor, ...rest } = await done
  expect(rest).toEqual({ firstAudioMs: 200, seconds: expect.closeTo(SECONDS, 3) })
  expect(factor).toBeCloseTo(1 / SECONDS, 3)
  expect(asked).toEqual([
    {
      index: 0,
      text: SENTENCE.text,
      spoken: SENTENCE.text,
      voice: 'ann',
      language: 'en-GB',
      speed: 1,
      pauseMs: 0,
    },
  ])
  expect(clock.timers).toBe(0)
})

test.each([
  [0.45, 'lower'],
  [2.2, 'higher'],
])('checkVoice() takes audio %d times as long as usual for another rate', async (times, far) => {
  const { trouble } = await check(says(square(SECONDS * times))).done
  const words = `spoke for ${(SECONDS * times).toFixed(1)} s where about 4.6 s are usual: is its rate ${far} than 24000 Hz?`
  expect(trouble).toBe(words)
})

test.each([0.6, 1, 1.8])(
  'checkVoice() takes a voice that speaks for %d times as long for a voice',
  async (times) => {
    expect(await check(says(square(SECONDS * times))).done).not.toHaveProperty('trouble')
  },
)

test('checkVoice() does not count silence before and after, but within', async () => {
  const silence = new Int16Array(24_000 * 3)
  const chunks = [silence, square(SECONDS * 0.9), new Int16Array(24_000), square(SECONDS * 0.9), silence]
  const done = check(says(...chunks)).done
  expect(await done).toMatchObject({ seconds: expect.closeTo(SECONDS * 1.8 + 7, 3) })
  expect((await done).trouble).toStartWith(`spoke for ${(SECONDS * 1.8 + 1).toFixed(1)} s`)
})

test('checkVoice() hears a voice that is very low, but no silence', async () => {
  const low = await check(says(square(SECONDS, { level: 300 }))).done
  expect(low).not.toHaveProperty('trouble')
  expect(check(says(square(SECONDS, { level: 30 }))).done).rejects.toThrow('nothing but silence')
})

test.each<[string, Synthesize, string]>([
  ['too short', says(square(0.3)), 'at least'],
  ['endless', async () => pcmOf(endless(24_000)), 'at most'],
  ['refused', () => Promise.reject(new Error('Host has no such preset')), 'no such preset'],
])('checkVoice() rejects when the audio is %s', async (_, synthesize, words) => {
  expect(check(synthesize).done).rejects.toThrow(words)
})

test('checkVoice() gives a host that never answers the time of its deadline', async () => {
  const signals: Signal[] = []
  const { clock, done } = check((_, { signal }) => {
    signals.push(signal)
    return new Promise(() => {})
  })
  await clock.advance(30_000)
  expect(done).rejects.toThrow('Host "gpu" took too long: no first audio within')
  expect(signals[0]!.aborted).toBe(true)
})

test('checkVoice() gives a host that drips audio a minute, and drops the rest', async () => {
  const clock = new FakeClock()
  const pcm = pcmOf(endless(2_400))
  const sleep = (ms: number) => new Promise<void>((resolve) => clock.setTimer(ms, resolve))
  const drips: Synthesize = async () =>
    pulled({ read: () => sleep(9_000).then(() => nextOf(pcm)), cancel: pcm.cancel })
  const { done } = check(drips, clock)
  await clock.advance(60_000)
  expect(done).rejects.toThrow('Host took too long: no end within 60000 ms')
  await clock.advance(0)
  expect(pcm.cancelled()).toBeInstanceOf(Error)
})

test('checkVoice() stops a host after a minute, however patient its own deadlines are', async () => {
  const clock = new FakeClock()
  const signals: Signal[] = []
  const synthesize: Synthesize = (_, { signal }) => {
    signals.push(signal)
    return new Promise(() => {})
  }
  const done = checkVoice(hostOf('gpu', { voices: ['ann'], synthesize }), {
    voice: VOICE,
    sentence: SENTENCE,
    timeouts: { firstAudioMs: 3_600_000 },
    signal: new AbortController().signal,
    now: clock.now,
    setTimer: clock.setTimer,
  })
  done.catch(() => {})
  await clock.advance(60_000)
  expect(done).rejects.toThrow('Host took too long: no end within 60000 ms')
  expect(signals[0]!.aborted).toBe(true)
})

test('checkVoice() ends when it is stopped', async () => {
  const { stop, done, clock } = check(() => new Promise(() => {}))
  stop.abort(new DOMException('SIGINT', 'AbortError'))
  expect(done).rejects.toThrow('SIGINT')
  await clock.advance(0)
  expect(clock.timers).toBe(0)
})
