import { describe, expect, test } from 'bun:test'
import { prime } from '../../src/pcm/prime.ts'
import { counting, endless, pcmOf } from '../fakes/samples.ts'

describe('prime()', () => {
  test('resolves at the first audio and gives the stream back whole', async () => {
    const { stream, pulls } = pcmOf([counting(0), counting(3), counting(2, 3)])
    const primed = await prime(stream)
    expect(pulls()).toBe(2)
    expect((await Array.fromAsync(primed)).flatMap((chunk) => [...chunk])).toEqual([0, 1, 2, 3, 4])
  })

  test('rejects when the stream ends without a sample', async () => {
    await expect(prime(pcmOf([counting(0)]).stream)).rejects.toMatchObject({
      code: 'upstream',
      retryable: true,
    })
  })

  test('rejects as a stream that fails first, and errors as one that fails later', async () => {
    await expect(prime(pcmOf([], { fails: new Error('cut') }).stream)).rejects.toThrow('cut')
    const primed = await prime(pcmOf([counting(1)], { fails: new Error('cut') }).stream)
    const reader = primed.getReader()
    await reader.read()
    await expect(reader.read()).rejects.toThrow('cut')
  })

  test('slows its source and carries a cancel', async () => {
    const pcm = pcmOf(endless(10))
    const primed = await prime(pcm.stream)
    expect(pcm.pulls()).toBe(1)
    await primed.cancel('bye')
    expect(pcm.cancelled()).toBe('bye')
  })
})
