import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import { parseConfig } from '../../src/config.ts'
import { SpeechError } from '../../src/errors.ts'
import { libopus } from '../../src/pcm/formats/libopus.ts'
import { ring } from '../../src/pcm/ring.ts'
import { createServices, type Services } from '../../src/services.ts'
import type { Clause, Format, Host, Pcm, Signal, Speech } from '../../src/speech.ts'
import { type Chances, chances } from '../fakes/chances.ts'
import { hostOf } from '../fakes/host.ts'
import { pcmOf, pulled, square } from '../fakes/samples.ts'

const CALLS = 180
const AT_ONCE = 16
const TEXT = 'Hello there, my friend. This is a second sentence, which is rather longer. 你好，世界。'
const FORMATS: readonly Format[] = ['pcm', 'wav', 'mp3', 'opus', 'opus', 'flac', 'mulaw']

/** Says its clauses well, or fails, hangs, dies or says nothing, and takes its time to notice that it may stop. */
const moody = ({ next, pick, wait }: Chances): Host =>
  hostOf('moody', {
    slots: 3,
    async synthesize(clause, { signal }) {
      const mood = pick(['well', 'well', 'well', 'fails', 'hangs', 'dies', 'is silent', 'is late'])
      if (mood === 'fails') throw new Error('failed')
      if (mood === 'hangs') await left(signal)
      if (mood === 'is late') await Promise.race([left(signal), wait(5)]).catch(() => wait(5))
      let pieces = Math.ceil(clause.spoken.length * 0.7)
      return pulled({
        rate: pick([24_000, 22_050]),
        async read() {
          if (next() < 0.2) await wait(2)
          if (signal.aborted) throw signal.reason
          if (mood === 'dies' && next() < 0.3) throw new Error('died')
          if (pieces-- <= 0) return undefined
          return mood === 'is silent' ? new Int16Array(2400) : square(0.1)
        },
        cancel: () => wait(3),
      })
    },
  })

const left = (signal: Signal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

function speechOf({ pick, next, wait }: Chances): Speech {
  const format = pick(FORMATS)
  const text = TEXT.repeat(pick([0, 1, 2, 8]))
  const live = async function* () {
    for (let at = 0; at < text.length; at += 20) {
      if (next() < 0.3) await wait(2)
      if (next() < 0.02) throw new Error('text failed')
      yield text.slice(at, at + 20)
    }
  }
  const sampleRate = format === 'mulaw' ? 8_000 : 24_000
  const speed = pick([0.25, 1, 1, 4])
  return { ...SPEECH, text: next() < 0.3 ? streamOf(live()) : text, speed, format, sampleRate }
}

const SPEECH: Speech = {
  id: 'x',
  text: TEXT.repeat(20),
  voice: 'v',
  speed: 1,
  format: 'opus',
  sampleRate: 24_000,
  lexicon: [],
}

const streamOf = (source: AsyncGenerator<string>) =>
  new ReadableStream<string>({
    async pull(controller) {
      const { done, value } = await source.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => void source.return(undefined),
  })

/** One caller: listens to the end, or leaves some way at some moment. */
async function call(services: Services, luck: Chances): Promise<void> {
  const { pick, next, wait } = luck
  const leaving = new AbortController()
  if (next() < 0.5) wait(20).then(() => leaving.abort(pick([undefined, 'left', new Error('left')])))
  const reply = await services.speak(speechOf(luck), { signal: leaving.signal })
  const reader = ring(reply.audio, reply).getReader()
  const how = pick(['listens', 'cancels', 'cancels while reading', 'aborts and reads no more'])
  for (let reads = 0; how === 'listens' || reads < 4; reads++) {
    const { done, value } = await reader.read()
    if (done) return
    assert.ok(value.length > 0)
  }
  if (how === 'aborts and reads no more') return leaving.abort()
  const reading = how === 'cancels' ? undefined : reader.read().catch(() => {})
  if (reading) await wait(2)
  await reader.cancel(pick([undefined, 'left']))
  await reading
}

function servicesOf(host: Host): Services {
  const config = parseConfig({ audio: { spoolBytes: 1_000_000, stallSeconds: 1 } })
  const timeouts = { firstAudioMs: 30, gapMs: 30, clauseMs: 200, perCharMs: 1 }
  const [embedded] = config.hosts
  return createServices(
    { ...config, hosts: [{ ...embedded!, id: host.id, timeouts } as never] },
    { hosts: [host] },
  )
}

/** Counts Opus encoders that have not been given back. */
async function openEncoders(): Promise<() => number> {
  const lib = await libopus()
  const { create, free } = lib
  const open = new Set<number>()
  lib.create = (options) => {
    const encoder = create.call(lib, options)
    open.add(encoder)
    return encoder
  }
  lib.free = (encoder) => {
    assert.ok(open.delete(encoder), 'is given back once')
    free.call(lib, encoder)
  }
  return () => open.size
}

async function until(happened: () => boolean): Promise<void> {
  for (const end = performance.now() + 2_000; !happened() && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('hundreds of calls that fail or are left at any moment leave nothing behind', async () => {
  const unhandled: unknown[] = [] // on either runtime one of these would end the process
  const note = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  const encoders = await openEncoders()
  const luck = chances(20)
  const services = servicesOf(moody(luck))
  const { lane: slots } = services.router.routes[0]!

  let calls = 0
  const failures: unknown[] = []
  const callers = Array.from({ length: AT_ONCE }, async () => {
    while (calls++ < CALLS) await call(services, luck).catch((thrown) => failures.push(thrown))
  })
  await Promise.all(callers)
  await until(() => slots.taken === 0 && encoders() === 0)
  process.off('unhandledRejection', note)

  assert.deepEqual(unhandled, [])
  assert.ok(failures.length > 0 && failures.length < CALLS, 'some fail, some do not')
  assert.ok(failures.every((thrown) => thrown instanceof SpeechError))
  const { budget } = services
  assert.deepEqual(
    { used: budget.used, ease: budget.ease, taken: slots.taken, waiting: slots.waiting, open: encoders() },
    { used: 0, ease: 1, taken: 0, waiting: 0, open: 0 },
  )
})

test('a caller who aborts and reads no more leaves no encoder open, and hears of no end', async () => {
  const encoders = await openEncoders()
  const quick = ({ spoken }: Clause): Pcm => pcmOf([square(spoken.length * 0.07)])
  const services = servicesOf(hostOf('quick', { synthesize: async (clause) => quick(clause) }))
  const leaving = new AbortController()
  const reply = await services.speak(SPEECH, { signal: leaving.signal })
  const stream = ring(reply.audio, reply)
  await new Promise((resolve) => setTimeout(resolve, 50)) // until the ring is full
  leaving.abort('left')
  await until(() => encoders() === 0)
  assert.equal(encoders(), 0)
  await assert.rejects(Array.fromAsync(stream), { code: 'cancelled', source: 'client' })
})
