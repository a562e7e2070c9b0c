import { describe, expect, test } from 'bun:test'
import { SpeechError } from '../../src/errors.ts'
import { sanity } from '../../src/guard/sanity.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Pcm, Samples } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { settle } from '../fakes/clock.ts'
import { heardOf } from '../fakes/cosyvoice-voice.ts'
import { pcmOf, piecesOf } from '../fakes/samples.ts'

const RATE = 8_000
const TEXT = 'The weather is fine today.'
const GONE = new SpeechError('Caller went away', { code: 'cancelled', source: 'client' })
const INSANE = { code: 'upstream', source: 'host', retryable: true }

const speech = heardOf(TEXT, { rate: RATE })
const silence = (seconds: number): Samples => new Int16Array(Math.round(seconds * RATE))

const checked = (inner: Pcm, text = TEXT) =>
  sanity()(async () => inner)(clauseOf(text), { signal: new AbortController().signal })

/** Reads to the end; gives how much came and what went wrong. */
async function outcome(pcm: Pcm) {
  let samples = 0
  try {
    for await (const chunk of piecesOf(pcm)) samples += chunk.length
    return { samples, error: undefined }
  } catch (error) {
    return { samples, error }
  }
}

describe('sanity()', () => {
  test('passes honest audio unchanged, whatever its chunks', async () => {
    for (const size of [1, 333, 100_000]) {
      const chunks: Samples[] = []
      for (let at = 0; at < speech.length; at += size) chunks.push(speech.slice(at, at + size))
      const pcm = await checked(pcmOf(chunks, { rate: RATE }))
      const heard: number[] = []
      for await (const chunk of piecesOf(pcm)) heard.push(...chunk)
      expect(heard).toEqual([...speech])
      expect(pcm.rate).toBe(RATE)
    }
  })

  test('asks the host only as it is asked', async () => {
    const inner = pcmOf([speech, speech, speech], { rate: RATE })
    const pcm = await checked(inner)
    await settle()
    expect(inner.pulls()).toBe(1)
    await nextOf(pcm)
    expect(inner.pulls()).toBe(1)
    await nextOf(pcm)
    expect(inner.pulls()).toBe(2)
  })

  test('waits with the first audio until something is heard, and keeps what came before', async () => {
    const inner = pcmOf([silence(1), silence(2), speech], { rate: RATE })
    const pcm = await checked(inner)
    expect(inner.pulls()).toBe(3)
    expect(await outcome(pcm)).toEqual({ samples: 3 * RATE + speech.length, error: undefined })
  })

  test.each([
    ['silence', silence(2)],
    ['what is too soft to hear', silence(2).map((_, i) => (i % 64) - 32)],
    ['the same value for ever', silence(2).fill(-32_768)],
  ])('refuses %s before any is heard', async (_, samples) => {
    const error = await checked(pcmOf([samples], { rate: RATE })).catch((thrown) => thrown)
    expect(error).toMatchObject({ ...INSANE, scope: 'voice' })
    expect(String(error)).toContain('nothing but silence')
  })

  test('refuses a voice that does not begin, without waiting for its end', async () => {
    const inner = pcmOf(
      Array.from({ length: 100 }, () => silence(1)),
      { rate: RATE },
    )
    const error = await checked(inner, TEXT.repeat(5)).catch((thrown) => thrown)
    expect(error).toMatchObject({ ...INSANE, scope: 'voice' })
    expect(inner.pulls()).toBe(11)
    expect(inner.cancelled()).toBe(error)
  })

  test('cuts a reply that does not end, once it is longer than saying the text can take', async () => {
    const inner = pcmOf(
      Array.from({ length: 100 }, () => speech),
      { rate: RATE },
    )
    const { samples, error } = await outcome(await checked(inner))
    expect(error).toMatchObject({ ...INSANE, scope: 'host' })
    expect(samples / RATE).toBeWithin(5, 20)
    expect(inner.cancelled()).toBe(error)
  })

  test('refuses a reply that is too short for its text, at its end', async () => {
    const pcm = await checked(pcmOf([speech.slice(0, RATE / 4)], { rate: RATE }))
    const { samples, error } = await outcome(pcm)
    expect(samples).toBe(RATE / 4)
    expect(error).toMatchObject(INSANE)
  })

  test('refuses what is over before it could be sent on, while the call may still be made again', async () => {
    const { signal } = new AbortController()
    const call = (chunks: Samples[]) =>
      sanity({ id: 'gpu' })(async () => pcmOf(chunks, { rate: RATE }))(clauseOf(TEXT), { signal })
    const bit = speech.slice(0, RATE / 100)
    expect(await call([bit, bit]).catch((thrown) => thrown)).toMatchObject({
      ...INSANE,
      message: expect.stringMatching(
        /^Host "gpu" sent audio that cannot be right: 0\.02 s for a text of at least 0\.\d/,
      ),
    })
    const inner = pcmOf([bit, bit, bit, speech], { rate: RATE })
    await checked(inner)
    expect(inner.pulls()).toBe(3)
  })

  test('expects less of a host that has spoken faster', async () => {
    const short = speech.slice(0, RATE / 4)
    const pcm = await checked(pcmOf([short], { rate: RATE, speed: 4 }))
    expect((await outcome(pcm)).error).toBeUndefined()
    const endless = await checked(pcmOf([speech, speech, speech, speech], { rate: RATE, speed: 4 }))
    expect((await outcome(endless)).error).toMatchObject(INSANE)
  })

  test('lets a host that passes over what it cannot say be silent, or short', async () => {
    for (const samples of [silence(2), speech.slice(0, RATE / 4)]) {
      const guard = sanity({ passesOver: true })
      const pcm = await guard(async () => pcmOf([samples], { rate: RATE }))(clauseOf(TEXT), {
        signal: new AbortController().signal,
      })
      expect(await outcome(pcm)).toEqual({ samples: samples.length, error: undefined })
    }
  })

  test('lets a text of marks only be silent', async () => {
    const pcm = await checked(pcmOf([silence(0.1)], { rate: RATE }), '⁂ …')
    expect(await outcome(pcm)).toEqual({ samples: RATE / 10, error: undefined })
  })

  test('carries a failure of the host as it is, before and after the first audio', async () => {
    const failure = new SpeechError('Host failed', { code: 'upstream', source: 'host' })
    const before = checked(pcmOf([silence(1)], { rate: RATE, fails: failure }))
    expect(await before.catch((thrown) => thrown)).toBe(failure)
    const after = await checked(pcmOf([speech], { rate: RATE, fails: failure }))
    expect(await outcome(after)).toEqual({ samples: speech.length, error: failure })
  })

  test('carries a cancel', async () => {
    const inner = pcmOf([speech, speech], { rate: RATE })
    await (await checked(inner)).cancel(GONE)
    expect(inner.cancelled()).toBe(GONE)
  })
})
