import { describe, expect, test } from 'bun:test'
import { Handoff } from '../../src/pcm/handoff.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Samples } from '../../src/speech.ts'
import { settle } from '../fakes/clock.ts'
import { counting } from '../fakes/samples.ts'

describe('Handoff', () => {
  test('gives what was pushed, in order, and the end once all is read', async () => {
    const queue = new Handoff<Samples>()
    queue.push(counting(3))
    queue.push(counting(2, 3))
    queue.end()
    expect([await nextOf(queue), await nextOf(queue)]).toEqual([counting(3), counting(2, 3)])
    expect(await nextOf(queue)).toBeUndefined()
    expect(await nextOf(queue)).toBeUndefined()
  })

  test('waits while there is nothing', async () => {
    const queue = new Handoff<Samples>()
    let given = false
    const read = nextOf(queue).finally(() => {
      given = true
    })
    await settle()
    expect(given).toBe(false)
    queue.push(counting(1))
    expect(await read).toEqual(counting(1))
  })

  test('drops what waits when it fails, and says why to every read', async () => {
    const queue = new Handoff<Samples>()
    const waiting = nextOf(queue)
    queue.fail('lost')
    expect(await waiting.catch((thrown) => thrown)).toBe('lost')
    queue.push(counting(1))
    expect(await nextOf(queue).catch((thrown) => thrown)).toBe('lost')
  })

  test('is over once it has ended: a failure after that is none', async () => {
    const queue = new Handoff<Samples>()
    queue.push(counting(1))
    queue.end()
    queue.fail('late')
    expect(await nextOf(queue)).toEqual(counting(1))
    expect(await nextOf(queue)).toBeUndefined()
  })
})
