import { expect, test } from 'bun:test'
import { pcmOf } from '../../../src/hosts/audio/pcm-of.ts'
import { moreOf, nextOf } from '../../../src/pcm/supply.ts'
import { counting } from '../../fakes/samples.ts'

const whole = (...signals: AbortSignal[]) =>
  pcmOf({ rate: 8_000, samples: counting(5) }, { speed: 2, signals })

test('pcmOf() gives all samples at once, and no more', async () => {
  const pcm = whole()
  expect(pcm).toMatchObject({ rate: 8_000, speed: 2, isOver: false })
  await moreOf(pcm)
  expect(await nextOf(pcm)).toEqual(counting(5))
  expect(await nextOf(pcm)).toBeUndefined()
  expect(pcm.isOver).toBe(true)
})

test('pcmOf() gives nothing after a cancel, nor once one of its signals has aborted', async () => {
  const dropped = whole()
  await dropped.cancel()
  expect(await nextOf(dropped)).toBeUndefined()
  const gone = AbortSignal.abort('gone')
  expect(() => whole(new AbortController().signal, gone).take()).toThrow('gone')
})
