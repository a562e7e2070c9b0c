import { describe, expect, test } from 'bun:test'
import { cosyvoiceGrpcConfig } from '../../src/hosts/cosyvoice-grpc-config.ts'

const BASE = {
  id: 'gpu-1',
  kind: 'cosyvoice-grpc',
  url: 'http://127.0.0.1:50000',
  model: 'cosyvoice-300m-sft',
  voices: [{ id: 'v', mode: 'sft' }],
}
const FORK = { dialect: 'async-cosyvoice', model: 'cosyvoice2' }
const clone = { promptWav: 'v.wav', promptText: 'Hi.' }

/** What is wrong with a config, one line an issue. */
const mistakes = (settings: object): string[] =>
  cosyvoiceGrpcConfig
    .safeParse({ ...BASE, ...settings })
    .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? []

describe('cosyvoiceGrpcConfig', () => {
  test('speaks upstream’s dialect and drains unless told otherwise, and pings no sooner than gRPC’s servers allow', () => {
    expect(cosyvoiceGrpcConfig.parse(BASE)).toMatchObject({
      dialect: 'upstream',
      onAbandon: 'drain',
      slots: 4,
      maxMessageBytes: 64 * 1024 * 1024,
      timeouts: { connectMs: 5_000 },
    })
    expect(cosyvoiceGrpcConfig.parse(BASE).keepAliveMs).toBeGreaterThan(300_000)
  })

  test.each([
    [{}, undefined],
    [{ url: 'grpc://h:1' }, 'url must be an address such as http://127.0.0.1:50000'],
    [{ keepAliveMs: 10 }, 'keepAliveMs '],
    [{ port: 1 }, 'Unrecognized key'],
    [{ voices: [] }, 'voices '],
    [{ voices: [...BASE.voices, ...BASE.voices] }, 'voices.1.id "v" is another voice\'s id already'],
    [{ voices: [{ id: 'v', mode: 'zero_shot' }] }, 'voices.0.promptWav is needed for mode zero_shot'],
    [{ voices: [{ id: 'v', mode: 'zero_shot', spkId: '001' }] }, 'voices.0.promptWav is needed'],
    [{ model: 'cosyvoice2', voices: [{ id: 'v', mode: 'sft' }] }, 'voices.0.spkId is needed for mode sft on'],
    [
      {
        model: 'cosyvoice2',
        voices: [{ id: 'v', mode: 'instruct2', promptWav: 'v.wav', instructions: 'x' }],
      },
      'voices.0.mode instruct2 is not among the calls of upstream’s gRPC server',
    ],
    [{ ...FORK, voices: [{ id: 'v', mode: 'sft', spkId: '001' }] }, undefined],
    [{ ...FORK, voices: [{ id: 'v', mode: 'zero_shot', ...clone }] }, undefined],
    [{ ...FORK, voices: [{ id: 'v', mode: 'zero_shot', spkId: '001' }] }, undefined],
    [{ ...FORK, voices: [{ id: 'v', mode: 'instruct2', spkId: '001', instructions: 'x' }] }, undefined],
    [{ ...FORK, model: 'other', voices: [{ id: 'v', mode: 'sft' }] }, undefined],
    [{ ...FORK, model: 'cosyvoice3' }, 'model must be cosyvoice2 with dialect async-cosyvoice'],
    [
      { ...FORK, voices: [{ id: 'v', mode: 'instruct', instructions: 'x' }] },
      'voices.0.mode instruct is not among the calls of async-cosyvoice',
    ],
    [
      { ...FORK, voices: [{ id: 'v', mode: 'zero_shot', spkId: '001', promptText: 'Hi.' }] },
      'voices.0.promptText is not used with spkId',
    ],
    [
      { ...FORK, voices: [{ id: 'v', mode: 'zero_shot', spkId: '001', instructions: 'x' }] },
      'voices.0.instructions is not used by mode zero_shot',
    ],
    [
      { ...FORK, voices: [{ id: 'v', mode: 'instruct2', spkId: '001' }] },
      'voices.0.instructions is needed for mode instruct2',
    ],
    [
      { ...FORK, voices: [{ id: 'v', mode: 'cross_lingual', spkId: '001' }] },
      'voices.0.promptWav is needed for mode cross_lingual',
    ],
  ])('of %j says %p', (settings, message) => {
    const found = mistakes(settings)
    if (message === undefined) expect(found).toEqual([])
    else expect(found.join('\n')).toContain(message)
  })
})
