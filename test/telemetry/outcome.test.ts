import { expect, test } from 'bun:test'
import { SpeechError } from '../../src/errors.ts'
import { outcomeOf } from '../../src/telemetry/outcome.ts'

test.each([
  ['caller', new SpeechError('x', { code: 'invalid', source: 'client' })],
  ['host', new SpeechError('x', { code: 'upstream', source: 'host' })],
  ['proxy', new SpeechError('x', { code: 'unavailable', source: 'proxy' })],
  ['caller', new DOMException('gone', 'AbortError')],
  ['host', new DOMException('late', 'TimeoutError')],
  ['proxy', 'anything else'],
] as const)('outcomeOf() finds that it was the %s’s fault', (outcome, thrown) => {
  expect(outcomeOf(thrown)).toBe(outcome)
})
