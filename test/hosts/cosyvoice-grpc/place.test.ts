import { describe, expect, test } from 'bun:test'
import { SpeechError } from '../../../src/errors.ts'
import { isOnePiece, untilFree } from '../../../src/hosts/cosyvoice-grpc/place.ts'
import { FakeClock } from '../../fakes/clock.ts'
import { GONE } from '../reasons.ts'

const LATE = new SpeechError('Host took too long', { code: 'timeout', source: 'host' })

interface Wait {
  left?: boolean
  signal?: AbortSignal
  ms?: number
  onAbandon?: 'abort' | 'drain'
}

const DEAF = new SpeechError('Host sent no audio', { code: 'upstream', source: 'host' })

/** Waits at a host that is at it for a second yet; tells when that was over. */
function wait({ left = true, signal = AbortSignal.abort(GONE), ms = 1_000, onAbandon = 'abort' }: Wait = {}) {
  const clock = new FakeClock()
  const closed = new AbortController()
  const place = { leaving: { left, signal }, onAbandon, ms: () => ms, closed: closed.signal }
  let over: number | undefined
  untilFree({ ...place, setTimer: clock.setTimer }).then(() => {
    over = clock.now()
  })
  return { clock, closed, over: () => over }
}

describe('untilFree()', () => {
  test.each([
    ['a caller has left', {}],
    ['the host was late', { signal: AbortSignal.abort(LATE), onAbandon: 'drain' as const }],
  ])('waits as long as the host may be at it once %s', async (_, options) => {
    const { clock, over } = wait(options)
    await clock.advance(999)
    expect(over()).toBeUndefined()
    await clock.advance(1)
    expect(over()).toBe(1_000)
  })

  test('does not wait for a call that was not cancelled, was read for long enough or is over, nor for bad audio', async () => {
    for (const options of [
      { left: false },
      { signal: new AbortController().signal },
      { onAbandon: 'drain' as const },
      { signal: AbortSignal.abort(DEAF) },
      { ms: 0 },
    ]) {
      const { clock, over } = wait(options)
      await clock.advance(0)
      expect(over()).toBe(0)
      expect(clock.timers).toBe(0)
    }
  })

  test('ends with the host’s disposal, and leaves no timer', async () => {
    const { clock, closed, over } = wait()
    await clock.advance(10)
    closed.abort()
    await clock.advance(0)
    expect(over()).toBe(10)
    expect(clock.timers).toBe(0)
  })
})

describe('isOnePiece()', () => {
  test.each([
    ['Hello there.', true],
    ['a'.repeat(240), true],
    ['a'.repeat(243), false],
    ['语'.repeat(80), true],
    ['语'.repeat(81), false],
    [`${'语'.repeat(40)}${'a'.repeat(123)}`, false],
  ])('of %p is %p', (text, one) => expect(isOnePiece(text)).toBe(one))
})
