import { describe, expect, test } from 'bun:test'
import { cut } from '../../../src/hosts/remote/failure.ts'

const whom = { host: 'gpu-1', voice: 'anna' }

describe('cut()', () => {
  test('before any audio is the voice’s trouble first, later the host’s', () => {
    expect(cut(whom, { heard: false, cause: undefined })).toMatchObject({ scope: 'voice', source: 'host' })
    expect(cut(whom, { heard: true, cause: undefined })).toMatchObject({ scope: 'host', source: 'host' })
  })
})
