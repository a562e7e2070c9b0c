import { describe, expect, test } from 'bun:test'
import { Stopper } from '../../src/run/stopper.ts'

describe('Stopper', () => {
  test('tells each listener once, in the order of coming, but for those removed', () => {
    const told: string[] = []
    const stopper = new Stopper()
    const first = () => void told.push('first')
    const removed = () => void told.push('removed')
    stopper.addEventListener('abort', first)
    stopper.addEventListener('abort', first)
    stopper.addEventListener('abort', removed)
    stopper.addEventListener('abort', { handleEvent: () => void told.push('second') })
    stopper.removeEventListener('abort', removed)
    stopper.abort('one')
    stopper.abort('two')
    stopper.addEventListener('abort', first)
    expect([told, stopper.aborted, stopper.reason]).toEqual([['first', 'second'], true, 'one'])
  })

  test('lets a listener take out one who has not been told', () => {
    const told: string[] = []
    const stopper = new Stopper()
    const late = () => void told.push('late')
    stopper.addEventListener('abort', () => stopper.removeEventListener('abort', late))
    stopper.addEventListener('abort', late)
    stopper.abort()
    expect(told).toEqual([])
  })

  test('tells the others when one of them throws, then throws that', () => {
    const told: string[] = []
    const stopper = new Stopper()
    stopper.addEventListener('abort', () => {
      throw new Error('fault')
    })
    stopper.addEventListener('abort', () => void told.push('second'))
    expect(() => stopper.abort()).toThrow('fault')
    expect(told).toEqual(['second'])
  })

  test('throws its reason once it has aborted, an AbortError when none is given', () => {
    const stopper = new Stopper()
    stopper.throwIfAborted()
    stopper.abort()
    expect(() => stopper.throwIfAborted()).toThrow(expect.objectContaining({ name: 'AbortError' }))
  })

  test('follows another one, whether that aborts now or has', () => {
    const [controller, early, late] = [new AbortController(), new Stopper(), new Stopper()]
    early.follow(controller.signal)
    expect(early.aborted).toBe(false)
    controller.abort('gone')
    late.follow(controller.signal)
    expect([early.reason, late.reason]).toEqual(['gone', 'gone'])
  })
})
