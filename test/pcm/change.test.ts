import { expect, test } from 'bun:test'
import { Change } from '../../src/pcm/change.ts'
import { settle } from '../fakes/clock.ts'

test('Change wakes all who wait, by the next change and not by one before', async () => {
  const change = new Change()
  const woken: string[] = []
  change.notify()
  change.wait().then(() => woken.push('a'))
  change.wait().then(() => woken.push('b'))
  await settle()
  expect(woken).toEqual([])
  change.notify()
  change.wait().then(() => woken.push('c'))
  await settle()
  expect(woken).toEqual(['a', 'b'])
  change.notify()
  await settle()
  expect(woken).toEqual(['a', 'b', 'c'])
})
