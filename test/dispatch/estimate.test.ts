import { expect, test } from 'bun:test'
import { estimate } from '../../src/dispatch/estimate.ts'

test('estimate() counts wide characters as syllables and scales with speed', () => {
  expect(estimate({ spoken: '你好', speed: 1 })).toBeCloseTo(0.44)
  expect(estimate({ spoken: 'Hello there.', speed: 1 })).toBeCloseTo(0.8, 1)
  expect(estimate({ spoken: '你好', speed: 2 })).toBeCloseTo(0.22)
})
