import { describe, expect, test } from 'bun:test'
import { Timing } from '../../src/telemetry/timing.ts'
import { FakeClock } from '../fakes/clock.ts'

const error = { code: 'upstream', source: 'host' }

describe('Timing', () => {
  test('knows only the time that has passed while nothing has happened', async () => {
    const clock = new FakeClock()
    const timing = new Timing({ now: clock.now })
    await clock.advance(5)
    expect(timing.header()).toBe('total;dur=5.0')
    expect(timing.summary()).toEqual({ total_ms: 5 })
  })

  test('tells in the header what is known at the first audio, and the rest at the end', async () => {
    const clock = new FakeClock()
    const timing = new Timing({ now: clock.now, arrivedAt: -2 })
    timing.stage('body', 0.5)
    timing.tell({ type: 'queued', host: 'gpu-1', ms: 1.24 })
    await clock.advance(211)
    timing.tell({ type: 'first-audio', host: 'gpu-1', ms: 210.4 })
    timing.firstAudio()
    expect(timing.header()).toBe('body;dur=0.5, queue;dur=1.2, host;dur=210.4;desc="gpu-1", total;dur=213.0')
    await clock.advance(700)
    timing.tell({ type: 'said', host: 'gpu-1', ms: 900.06, audioSeconds: 3 })
    timing.stage('encode', 1)
    timing.stage('encode', 2)
    timing.firstAudio()
    expect(timing.summary()).toEqual({
      body_ms: 0.5,
      queue_ms: 1.2,
      host: 'gpu-1',
      host_first_audio_ms: 210.4,
      host_ms: 900.1,
      encode_ms: 3,
      first_audio_ms: 213,
      total_ms: 913,
    })
  })

  test('names the host that spoke in the end, and sums the waiting of all attempts', () => {
    const timing = new Timing({ now: () => 0 })
    timing.tell({ type: 'queued', host: 'gpu-1', ms: 3 })
    timing.tell({ type: 'first-audio', host: 'gpu-1', ms: 50 })
    timing.tell({ type: 'failed', host: 'gpu-1', ms: 90, error })
    expect(timing.summary()).toEqual({ queue_ms: 3, total_ms: 0 })
    timing.tell({ type: 'retried', host: 'gpu-1', error })
    timing.tell({ type: 'queued', host: 'gpu-2', ms: 4 })
    timing.tell({ type: 'first-audio', host: 'gpu-2', ms: 60 })
    expect(timing.header()).toBe('queue;dur=7.0, host;dur=60.0;desc="gpu-2", retries;desc="1", total;dur=0.0')
    expect(timing.summary()).toMatchObject({ host: 'gpu-2', host_first_audio_ms: 60, retries: 1 })
  })

  test('names the faster host of a hedge, whatever the slower does later', () => {
    const timing = new Timing({ now: () => 0 })
    timing.tell({ type: 'hedged', host: 'gpu-2' })
    timing.tell({ type: 'first-audio', host: 'gpu-2', ms: 30 })
    timing.tell({ type: 'first-audio', host: 'gpu-1', ms: 400 })
    timing.tell({ type: 'failed', host: 'gpu-1', ms: 500, error })
    timing.tell({ type: 'said', host: 'gpu-1', ms: 600, audioSeconds: 1 })
    expect(timing.header()).toBe('host;dur=30.0;desc="gpu-2", hedges;desc="1", total;dur=0.0')
    expect(timing.summary()).toEqual({ host: 'gpu-2', host_first_audio_ms: 30, hedges: 1, total_ms: 0 })
  })

  test('says that a reply joined another, or that a stand-in speaks', () => {
    const timing = new Timing({ now: () => 0 })
    const { tell } = timing
    tell({ type: 'joined' })
    tell({ type: 'degraded', host: 'local' })
    expect(timing.header()).toBe('joined, degraded, total;dur=0.0')
    expect(timing.summary()).toEqual({ joined: true, degraded: true, total_ms: 0 })
  })

  test('goes by the real clock unless it is given another', () => {
    const timing = new Timing()
    timing.firstAudio()
    expect(timing.summary().first_audio_ms).toBeWithin(0, 1_000)
    expect(timing.summary().total_ms).toBeWithin(0, 1_000)
  })

  test('has nothing to say of refusals, expiries and callers who left', () => {
    const timing = new Timing({ now: () => 0 })
    timing.tell({ type: 'refused', host: 'gpu-1', error })
    timing.tell({ type: 'expired', host: 'gpu-1' })
    timing.tell({ type: 'left', host: 'gpu-1', ms: 4 })
    expect(timing.summary()).toEqual({ total_ms: 0 })
  })
})
