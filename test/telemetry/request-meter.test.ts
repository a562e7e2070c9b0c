import { describe, expect, test } from 'bun:test'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { FakeClock } from '../fakes/clock.ts'
import { scrape } from './scrape.ts'

const route = '/v1/audio/speech'

function started() {
  const clock = new FakeClock()
  const metrics = new Metrics(clock)
  return { clock, metrics, [Symbol.dispose]: () => metrics[Symbol.dispose]() }
}

describe('RequestMeter', () => {
  test('measures from the arrival to the first audio and to the end', async () => {
    using subject = started()
    const { clock, metrics } = subject
    await clock.advance(50)
    const meter = metrics.request({ route, format: 'opus', arrivedAt: 40 })
    await clock.advance(200)
    meter.firstAudio()
    await clock.advance(1_000)
    meter.end('ok')
    const value = await scrape(metrics)
    expect(value('sotto_first_audio_seconds_sum', { route })).toBeCloseTo(0.21)
    expect(value('sotto_request_seconds_sum', { route, outcome: 'ok', format: 'opus' })).toBeCloseTo(1.21)
    expect(value('sotto_stage_seconds_sum', { stage: 'send' })).toBeCloseTo(1)
  })

  test('counts once what it is told twice: the first time', async () => {
    using subject = started()
    const { clock, metrics } = subject
    const meter = metrics.request({ route, format: 'wav' })
    await clock.advance(100)
    meter.firstAudio()
    await clock.advance(100)
    meter.firstAudio()
    meter.end('host')
    meter.end('ok')
    meter.firstAudio()
    const value = await scrape(metrics)
    expect(value('sotto_first_audio_seconds_count', { route })).toBe(1)
    expect(value('sotto_first_audio_seconds_sum', { route })).toBeCloseTo(0.1)
    expect(value('sotto_request_seconds_count', { route, outcome: 'host', format: 'wav' })).toBe(1)
    expect(value('sotto_request_seconds_count', { route, outcome: 'ok', format: 'wav' })).toBeUndefined()
  })

  test('counts no first audio after the end', async () => {
    using subject = started()
    const meter = subject.metrics.request({ route })
    meter.end('caller')
    meter.firstAudio()
    expect((await scrape(subject.metrics))('sotto_first_audio_seconds_count', { route })).toBeUndefined()
  })

  test('learns the format later, or never', async () => {
    using subject = started()
    const meter = subject.metrics.request({ route })
    meter.speaks('flac')
    meter.end('ok')
    subject.metrics.request({ route }).end('caller')
    const value = await scrape(subject.metrics)
    expect(value('sotto_request_seconds_count', { route, outcome: 'ok', format: 'flac' })).toBe(1)
    expect(value('sotto_request_seconds_count', { route, outcome: 'caller', format: 'none' })).toBe(1)
  })

  test('tells every clause to the metrics, and to the reply’s own timing only the first', async () => {
    using subject = started()
    const { clock, metrics } = subject
    const meter = metrics.request({ route })
    meter.teller(1)({ type: 'first-audio', host: 'gpu-2', ms: 20 })
    meter.teller(0)({ type: 'first-audio', host: 'gpu-1', ms: 90 })
    await clock.advance(95)
    meter.firstAudio()
    meter.encoded(2)
    expect(meter.timing.header()).toBe('encode;dur=2.0, host;dur=90.0;desc="gpu-1", total;dur=95.0')
    expect(meter.timing.summary().first_audio_ms).toBe(95)
    const value = await scrape(metrics)
    const seen = (host: string) => value('sotto_stage_seconds_count', { stage: 'host_first_audio', host })
    expect([seen('gpu-1'), seen('gpu-2')]).toEqual([1, 1])
  })

  test('sums the encoder’s time over a reply, and does not show the sending of one that failed', async () => {
    using subject = started()
    const meter = subject.metrics.request({ route })
    meter.firstAudio()
    for (const ms of [1, 2, 3]) meter.encoded(ms)
    meter.end('host')
    const value = await scrape(subject.metrics)
    expect(value('sotto_stage_seconds_sum', { stage: 'encode' })).toBeCloseTo(0.006)
    expect(value('sotto_stage_seconds_count', { stage: 'encode' })).toBe(1)
    expect(value('sotto_stage_seconds_count', { stage: 'send' })).toBeUndefined()
  })
})
