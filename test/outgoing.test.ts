import { describe, expect, test } from 'bun:test'
import { SpeechError } from '../src/errors.ts'
import { Outgoing, type Reply } from '../src/outgoing.ts'
import { ring } from '../src/pcm/ring.ts'
import type { Bytes } from '../src/speech.ts'
import { supplyOf } from './fakes/supply.ts'

/** A reply whose encoded audio is what `next` gives, and all that was told of it. */
function outgoingOf(next: () => Promise<Bytes | undefined>) {
  const told: unknown[] = []
  const caller = new AbortController()
  const open = new Set<Outgoing>()
  const flow = Object.assign(supplyOf(next), {
    seconds: 1.5,
    [Symbol.dispose]: () => void told.push('closed'),
  })
  const outgoing = new Outgoing(flow, {
    schedule: { stop: (reason) => void told.push(['stopped', reason]) },
    lookahead: { want: () => {} },
    signal: caller.signal,
    open,
    meter: { firstAudio: () => void told.push('first audio'), end: (outcome) => void told.push(outcome) },
  })
  return { outgoing, caller, told, open }
}

const piecesOf = (...pieces: number[][]) => {
  const left = pieces.map((bytes) => new Uint8Array(bytes))
  return async () => left.shift()
}
const streamOf = (reply: Reply) => ring(reply.audio, reply)
const left = new Error('left')

describe('Outgoing', () => {
  test('gives all its audio, and tells once how it ended', async () => {
    const { outgoing, told } = outgoingOf(piecesOf([1, 2], [3]))
    const reply = await outgoing.begun(100)
    expect(told).toEqual(['first audio'])
    expect(new Uint8Array(await new Response(streamOf(reply)).arrayBuffer())).toEqual(
      new Uint8Array([1, 2, 3]),
    )
    expect([told, reply.seconds]).toEqual([['first audio', 'ok', 'closed'], 1.5])
  })

  test('refuses a text in which nothing can be said', async () => {
    const { outgoing, told } = outgoingOf(piecesOf())
    await expect(outgoing.begun(100)).rejects.toMatchObject({ code: 'invalid', field: 'input' })
    expect(told).toEqual([['stopped', expect.any(SpeechError)], 'closed', 'caller'])
  })

  test('fails as its audio does, and stops the work', async () => {
    const died = new SpeechError('Host died', { code: 'upstream', source: 'host' })
    const pieces = piecesOf([1])
    const { outgoing, told } = outgoingOf(async () => (await pieces()) ?? Promise.reject(died))
    const stream = streamOf(await outgoing.begun(100))
    const reader = stream.getReader()
    expect((await reader.read()).value).toEqual(new Uint8Array([1]))
    await expect(reader.read()).rejects.toBe(died)
    expect(told).toEqual(['first audio', ['stopped', died], 'closed', 'host'])
  })

  test('stops the work when its stream is cancelled', async () => {
    const { outgoing, told } = outgoingOf(async () => new Uint8Array(10))
    const stream = streamOf(await outgoing.begun(10))
    await stream.cancel(left)
    expect(told).toEqual(['first audio', 'caller', ['stopped', left], 'closed'])
  })

  test('stops the work when its caller leaves before the first audio, and says so', async () => {
    const { outgoing, caller, told } = outgoingOf(async () => {
      caller.abort(left)
      throw new Error('stopped')
    })
    await expect(outgoing.begun(100)).rejects.toMatchObject({ code: 'cancelled', source: 'client' })
    expect(told.filter((each) => each !== 'closed')).toContainEqual(['stopped', left])
    expect(told.at(-1)).toBe('caller')
  })

  test('takes nothing for one who has left before it began', async () => {
    const caller = new AbortController()
    caller.abort(left)
    const told: unknown[] = []
    let asked = 0
    const flow = Object.assign(
      supplyOf(async () => new Uint8Array([asked++])),
      { seconds: 0, [Symbol.dispose]: () => {} },
    )
    const outgoing = new Outgoing(flow, {
      schedule: { stop: (reason) => void told.push(reason) },
      lookahead: { want: () => {} },
      signal: caller.signal,
      open: new Set(),
      meter: undefined,
    })
    await expect(outgoing.begun(100)).rejects.toMatchObject({ code: 'cancelled' })
    expect([told[0], asked]).toEqual([left, 0])
  })

  test('fails when it is told to, however much audio is to come, and is open no more', async () => {
    const { outgoing, told, open } = outgoingOf(async () => new Uint8Array(10))
    const reader = streamOf(await outgoing.begun(10)).getReader()
    expect([...open]).toEqual([outgoing])
    const end = new SpeechError('The end', { code: 'unavailable', source: 'proxy' })
    outgoing.fail(end)
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toBe(end)
    expect([told, open.size]).toEqual([['first audio', ['stopped', end], 'closed', 'proxy'], 0])
  })

  test('has its stream break off when it is told to fail, though nobody takes of that', async () => {
    const { outgoing, told } = outgoingOf(async () => new Uint8Array(10))
    await outgoing.begun(10)
    outgoing.take()
    let failure: unknown
    outgoing.onBreak((reason) => {
      failure = reason
    })
    const end = new SpeechError('The end', { code: 'unavailable', source: 'proxy' })
    outgoing.fail(end)
    expect(failure).toBe(end)
    expect(told).toEqual(['first audio', ['stopped', end], 'closed', 'proxy'])
  })

  test('gives its first audio though it was told to fail before that was taken', async () => {
    const { outgoing } = outgoingOf(async () => new Uint8Array(10))
    await outgoing.begun(10)
    outgoing.onBreak(() => expect.unreachable())
    const end = new SpeechError('The end', { code: 'unavailable', source: 'proxy' })
    outgoing.fail(end)
    expect(outgoing.take()).toHaveLength(10)
    expect(() => outgoing.take()).toThrow(end)
  })

  test('fails when what must be done for it does', () => {
    const { outgoing, told, open } = outgoingOf(async () => new Uint8Array(10))
    const broken = () => {
      throw new TypeError('Stream is locked')
    }
    expect(() => outgoing.orFail(broken)).toThrow(expect.objectContaining({ code: 'internal' }))
    expect([told, open.size]).toEqual([[['stopped', expect.any(TypeError)], 'closed', 'proxy'], 0])
  })

  test('is told of no caller who leaves after the end', async () => {
    const { outgoing, caller, told } = outgoingOf(piecesOf([1]))
    await new Response(streamOf(await outgoing.begun(100))).arrayBuffer()
    caller.abort(left)
    expect(told).toEqual(['first audio', 'ok', 'closed'])
  })

  test('aborts a signal for those who can be told in no other way, also when they ask late', async () => {
    const { outgoing } = outgoingOf(async () => new Uint8Array(10))
    const { gone } = outgoing
    const stream = streamOf(await outgoing.begun(10))
    expect(gone.aborted).toBe(false)
    await stream.cancel(left)
    expect([gone.reason, outgoing.gone.reason]).toEqual([left, left])
    const late = outgoingOf(async () => new Uint8Array(10))
    late.caller.abort(left)
    expect(late.outgoing.gone.reason).toBe(left)
  })
})
