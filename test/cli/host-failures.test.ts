import { expect, test } from 'bun:test'
import { hostFailures } from '../../src/cli/host-failures.ts'
import { SpeechError, type SpeechErrorOptions } from '../../src/errors.ts'
import { FakeClock } from '../fakes/clock.ts'

function log() {
  const clock = new FakeClock()
  const lines: string[] = []
  const tell = hostFailures({ write: (line) => lines.push(line), now: clock.now })
  const fail = (host: string, options: Partial<SpeechErrorOptions> = {}) =>
    tell({
      type: 'failed',
      host,
      ms: 229.7,
      error: new SpeechError('Cannot say "my secret"', { code: 'upstream', source: 'host', ...options }),
    })
  return { clock, lines, tell, fail }
}

test('hostFailures() names host, time and kind, and nothing of the text', () => {
  const { lines, fail } = log()
  fail('gpu-1')
  fail('gpu-2', { code: 'timeout' })
  fail('gpu-4', { source: 'proxy', log: 'refused the request (422)' })
  fail('gpu-3', { log: 'redirects to https://h/v1 (301)' })
  expect(lines).toEqual([
    'Host gpu-1 failed after 230 ms: its answer was an error, broke off, or was audio that cannot be right',
    'Host gpu-2 failed after 230 ms: it took too long',
    'Host gpu-4 failed after 230 ms: refused the request (422)',
    'Host gpu-3 failed after 230 ms: redirects to https://h/v1 (301)',
  ])
})

test('hostFailures() writes one line a host in ten seconds, and counts the rest', async () => {
  const { clock, lines, fail } = log()
  for (let i = 0; i < 5; i++) fail('gpu-1', { code: 'unavailable' })
  await clock.advance(9_999)
  fail('gpu-1')
  expect(lines).toHaveLength(1)
  await clock.advance(1)
  fail('gpu-1')
  fail('gpu-1')
  await clock.advance(20_000)
  fail('gpu-1')
  expect(lines.map((line) => line.split('; ')[1])).toEqual([
    undefined,
    '5 more since the line before',
    '1 more since the line before',
  ])
})

test('hostFailures() is quiet about callers’ faults and about what goes well', () => {
  const { lines, tell, fail } = log()
  fail('gpu-1', { code: 'invalid', source: 'client' })
  tell({ type: 'left', host: 'gpu-1', ms: 1 })
  tell({ type: 'said', host: 'gpu-1', ms: 1, audioSeconds: 1 })
  expect(lines).toEqual([])
})

test('hostFailures() keeps the time itself where no clock is given', () => {
  const lines: string[] = []
  const tell = hostFailures({ write: (line) => lines.push(line), everyMs: 60_000 })
  const error = new SpeechError('No', { code: 'timeout', source: 'host' })
  for (let i = 0; i < 3; i++) tell({ type: 'failed', host: 'gpu-1', ms: 1, error })
  expect(lines).toHaveLength(1)
})

test('hostFailures() names a code that it has no words for', () => {
  const { lines, fail } = log()
  fail('gpu-1', { code: 'internal' })
  expect(lines).toEqual(['Host gpu-1 failed after 230 ms: internal'])
})
