import { describe, expect, test } from 'bun:test'
import { promptAudio } from '../../../src/hosts/cosyvoice-grpc/prompt-audio.ts'
import { bytesOf, heardOf } from '../../fakes/cosyvoice-voice.ts'
import { wavOf } from '../../fakes/recording.ts'

const samples = heardOf('Hi.', { rate: 16_000 })

describe('promptAudio()', () => {
  test('is the samples as they are for upstream', () => {
    expect(promptAudio(wavOf(samples, 16_000), 'upstream')).toEqual(bytesOf(samples))
  })

  test('is the samples as floats of at most 1 for the fork', () => {
    const floats = new Float32Array(promptAudio(wavOf(samples, 16_000), 'async-cosyvoice').buffer)
    expect(Int16Array.from(floats, (sample) => Math.round(sample * 32_768))).toEqual(samples)
  })

  test('is at 16 kHz whatever the recording’s rate', () => {
    for (const rate of [22_050, 24_000]) {
      const recording = wavOf(heardOf('Hi.', { rate }), rate)
      expect(promptAudio(recording, 'upstream').length / bytesOf(samples).length).toBeCloseTo(1, 2)
      expect(promptAudio(recording, 'async-cosyvoice').length / samples.byteLength).toBeCloseTo(2, 2)
    }
  })
})
