import { describe, expect, test } from 'bun:test'
import { forkRequest, type GrpcCall, upstreamRequest } from '../../../src/hosts/cosyvoice-grpc/dialects.ts'

const promptAudio = Uint8Array.of(1, 2)
const callOf = (mode: string, fields: Record<string, string>, registered?: string): GrpcCall => ({
  route: `inference_${mode}`,
  fields: { tts_text: 'Hi.', ...fields },
  prompt: true,
  promptAudio,
  registered,
})
const ttsText = 'Hi.'

describe('upstreamRequest()', () => {
  test.each([
    ['sft', { spk_id: 's' }, { case: 'sftRequest', value: { ttsText, spkId: 's' } }],
    [
      'zero_shot',
      { prompt_text: 'p' },
      { case: 'zeroShotRequest', value: { ttsText, promptText: 'p', promptAudio } },
    ],
    ['cross_lingual', {}, { case: 'crossLingualRequest', value: { ttsText, promptAudio } }],
    [
      'instruct',
      { spk_id: 's', instruct_text: 'i' },
      { case: 'instructRequest', value: { ttsText, spkId: 's', instructText: 'i' } },
    ],
  ])('shapes %s', (mode, fields, payload) => {
    expect(upstreamRequest(callOf(mode, fields)) as object).toEqual({ RequestPayload: payload })
  })

  test('throws for what the server has no call for', () => {
    expect(() => upstreamRequest(callOf('instruct2', {}))).toThrow('dialect upstream has no call for')
  })
})

describe('forkRequest()', () => {
  test.each([
    ['sft', { spk_id: 's' }, undefined, { case: 'sftRequest', value: { spkId: 's' } }],
    [
      'zero_shot',
      { prompt_text: 'p' },
      undefined,
      { case: 'zeroShotRequest', value: { promptText: 'p', promptAudio } },
    ],
    ['zero_shot', { prompt_text: '' }, 'r', { case: 'zeroShotBySpkIdRequest', value: { spkId: 'r' } }],
    ['cross_lingual', {}, undefined, { case: 'crossLingualRequest', value: { promptAudio } }],
    [
      'instruct2',
      { instruct_text: 'i<|endofprompt|>' },
      undefined,
      { case: 'instruct2Request', value: { instructText: 'i', promptAudio } },
    ],
    [
      'instruct2',
      { instruct_text: 'i<|endofprompt|>' },
      'r',
      { case: 'instruct2BySpkIdRequest', value: { instructText: 'i', spkId: 'r' } },
    ],
  ])('shapes %s', (mode, fields, registered, requestType) => {
    expect(forkRequest(callOf(mode, fields as Record<string, string>, registered)) as object).toEqual({
      ttsText,
      textFrontend: true,
      stream: true,
      speed: 1,
      format: 'pcm',
      requestType,
    })
  })

  test('throws for what the server has no call for', () => {
    expect(() => forkRequest(callOf('instruct', {}))).toThrow('dialect async-cosyvoice has no call for')
  })
})
