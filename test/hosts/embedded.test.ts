import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type EmbeddedDeps, embedded } from '../../src/hosts/embedded.ts'
import type { EspeakMessage, SayMessage, Utterance } from '../../src/hosts/espeak/espeak-messages.ts'
import { nextOf } from '../../src/pcm/supply.ts'
import type { Clause, Host, Pcm, Samples } from '../../src/speech.ts'
import { clauseOf } from '../fakes/clause.ts'
import { FakeClock, settle } from '../fakes/clock.ts'
import { piecesOf } from '../fakes/samples.ts'
import { soundOf } from './espeak-sound.ts'

const RATE = 22_050
const EN = 'Hello there, this is a short test of the voice, how do you like it?'
const ZH = '今天天气很好，我们一起去公园散步。'
/** Minutes of speech, seconds of work. */
const LONG = 'All work and no play makes Jack a dull boy. '.repeat(100)

const start = (deps: EmbeddedDeps = {}): Host =>
  embedded({ id: 'local', kind: 'embedded', fallback: false, slots: 4 }, deps)

const said = (text: string, voice = 'auto', rest: Partial<Clause> = {}): Clause =>
  clauseOf(text, { voice, ...rest })

const ask = (host: Host, clause: Clause, signal = new AbortController().signal): Promise<Pcm> =>
  host.synthesize(clause, { signal })

async function join(pcm: Pcm): Promise<Samples> {
  const chunks: Samples[] = []
  for await (const chunk of piecesOf(pcm)) chunks.push(chunk)
  const whole = new Int16Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** What it rejects with; `expect().rejects` would wait for it on the spot. */
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (thrown) => thrown,
  )

const hear = async (host: Host, ...args: Parameters<typeof said>): Promise<Samples> =>
  join(await ask(host, said(...args)))

/** The longest run of near silence inside the audio, in milliseconds. */
function longestGap(samples: Samples): number {
  let [longest, gap] = [0, Number.NEGATIVE_INFINITY]
  for (const sample of samples) {
    gap = Math.abs(sample) < 60 ? gap + 1 : 0
    longest = Math.max(longest, gap)
  }
  return (longest / RATE) * 1000
}

describe('embedded()', () => {
  let host: Host

  beforeAll(async () => {
    host = start()
    await host.ready
  })

  afterAll(() => host[Symbol.asyncDispose]())

  test('has a voice for each language and throat, listed or not', () => {
    for (const { id } of host.voices) expect(host.has(id)).toBe(true)
    for (const id of ['en-gb+f2', 'cmn+Annie', 'auto+whisper', 'zh']) expect(host.has(id)).toBe(true)
    for (const id of ['alloy', 'xx', 'en+nobody']) expect(host.has(id)).toBe(false)
  })

  test.each([
    ['English', EN, 'en', 3.6],
    ['English, by its script', EN, 'auto', 3.6],
    ['Mandarin', ZH, 'cmn', 4.3],
    ['Mandarin, by its script', ZH, 'auto', 4.3],
  ])('sounds like a voice: %s', async (_, text, voice, seconds) => {
    const pcm = await ask(host, said(text, voice))
    expect(pcm.rate).toBe(RATE)
    expect(pcm.speed).toBe(1)
    const samples = await join(pcm)
    expect(samples.length / RATE).toBeWithin(seconds * 0.95, seconds * 1.05)
    const { rms, speechShare, pitch, voiced } = soundOf(samples, RATE)
    expect(rms).toBeWithin(1500, 8000)
    expect(speechShare).toBeGreaterThan(0.9)
    expect(pitch).toBeWithin(75, 130)
    expect(voiced).toBeGreaterThan(0.4)
  })

  test('says both languages of a mixed clause, with a pause between them as between sentences', async () => {
    const [hello, world] = [await hear(host, 'Hello. ', 'en'), await hear(host, '你好，世界。', 'cmn')]
    const both = await hear(host, 'Hello. 你好，世界。')
    const pause = (both.length - hello.length - world.length) / RATE
    expect(pause).toBeWithin(0.27, 0.31)
    const mandarin = both.subarray(both.length - world.length)
    expect(soundOf(mandarin, RATE).rms).toBeWithin(
      soundOf(world, RATE).rms * 0.9,
      soundOf(world, RATE).rms * 1.1,
    )
  })

  test('offers thirteen voices that can be told apart, in English and in Mandarin', async () => {
    for (const text of [EN, ZH]) {
      const sounds = []
      for (const { id } of host.voices.slice(0, 13)) sounds.push(soundOf(await hear(host, text, id), RATE))
      for (const [i, a] of sounds.entries()) {
        expect(a.rms).toBeWithin(1500, 8000)
        for (const b of sounds.slice(i + 1)) {
          const differ = (x: number, y: number) => Math.abs(Math.log(x / y))
          expect(differ(a.pitch, b.pitch) / 0.05 + differ(a.centroid, b.centroid) / 0.1).toBeGreaterThan(1)
        }
      }
    }
  }, 60_000)

  test('speaks text as text: no tags, no phonemes, no orders', async () => {
    const tags = await hear(host, 'Hello <break time="9s"/> you, [[h@loU]] and \u0001 9S on.', 'en')
    expect(longestGap(tags)).toBeLessThan(500)
    const cut = await hear(host, 'Hello\0 hello hello hello.', 'en')
    expect(cut.length).toBeGreaterThan((await hear(host, 'Hello.', 'en')).length * 2)
  })

  test.each([
    ['nothing', ''],
    ['a mark', '—'],
    ['an emoji', '👍'],
    ['half a character', '\ud83d'],
    ['a word without end', 'a'.repeat(1000)],
    ['a character again and again', '你'.repeat(200)],
  ])('says %s without a failure', async (_, text) => {
    expect((await hear(host, text)).length).toBeGreaterThan(100)
  })

  test('refuses a voice that it has not', async () => {
    expect(host.obeys!('en')).toBe(false) // nor instructions
    expect(await failure(ask(host, said('Hello.', 'alloy')))).toMatchObject({ code: 'invalid' })
  })

  test('streams: the first audio comes long before the last is made', async () => {
    const pcm = await ask(host, said(LONG))
    expect((await nextOf(pcm))!.length).toBeWithin(1, 2300)
    const before = performance.now()
    await pcm.cancel()
    expect(performance.now() - before).toBeLessThan(200) // whole it takes seconds
    expect((await hear(host, 'Free again.')).length).toBeGreaterThan(RATE / 2)
  })

  test('stops when it is aborted: a running call, and one that waits', async () => {
    const [running, waiting] = [new AbortController(), new AbortController()]
    const pcm = await ask(host, said(LONG), running.signal)
    const queued = failure(ask(host, said('Later.'), waiting.signal))
    waiting.abort('left the queue')
    expect(await queued).toBe('left the queue')
    const next = hear(host, 'Next.')
    running.abort('left')
    expect(await failure(join(pcm))).toBe('left')
    expect((await next).length).toBeGreaterThan(RATE / 4)
    expect(await failure(ask(host, said('Hello.'), running.signal))).toBe('left')
  })

  test('keeps no call waiting for a listener who does not read', async () => {
    const unread = await ask(host, said(EN))
    expect((await hear(host, 'Next.')).length).toBeGreaterThan(RATE / 4)
    expect((await join(unread)).length / RATE).toBeGreaterThan(3)
  })

  test('says many at once, each whole, in their order', async () => {
    const ended: number[] = []
    const all = Array.from({ length: 12 }, async (_, i) => {
      const samples = await hear(host, i % 2 ? EN : ZH)
      ended.push(i)
      expect(samples.length / RATE).toBeGreaterThan(3)
    })
    await Promise.all(all)
    expect(ended).toEqual(ended.toSorted((a, b) => a - b))
  })
})

describe('embedded(), when its worker is lost,', () => {
  /** A host whose workers can be got hold of. */
  function mortal() {
    const workers: Worker[] = []
    const url = new URL('../../src/hosts/espeak/espeak-worker.ts', import.meta.url).href
    const spawn = () => {
      const worker = new Worker(url, { type: 'module' })
      workers.push(worker)
      return worker
    }
    return { host: start({ spawn }), workers }
  }

  test('asks again what nobody has heard', async () => {
    const { host, workers } = mortal()
    await using _ = host
    await host.ready
    const asked = ask(host, said(EN))
    await workers[0]!.terminate()
    expect((await join(await asked)).length / RATE).toBeGreaterThan(3)
    expect(workers).toHaveLength(2)
  })

  test('fails what was heard in part, and goes on with the next', async () => {
    const { host, workers } = mortal()
    await using _ = host
    const heard = await ask(host, said(LONG))
    const next = hear(host, 'Next.')
    await workers[0]!.terminate()
    const lost = { code: 'upstream', source: 'host', retryable: true }
    expect(await failure(join(heard))).toMatchObject(lost)
    expect((await next).length).toBeGreaterThan(RATE / 4)
    expect(workers).toHaveLength(2)
  })

  test('replaces one that ended while nothing was asked of it', async () => {
    const { host, workers } = mortal()
    await using _ = host
    await host.ready
    await workers[0]!.terminate()
    expect((await hear(host, 'Hello.')).length).toBeGreaterThan(RATE / 4)
    expect(workers).toHaveLength(2)
  })

  test('replaces one whose code threw', async () => {
    const { host, workers } = mortal()
    await using _ = host
    await host.ready
    const asked = hear(host, 'Hello.')
    workers[0]!.postMessage({ say: [{ voice: 'nobody', language: 'en', text: '', pauseMs: 0 }] })
    await asked
    workers[0]!.postMessage('nonsense')
    expect((await hear(host, 'Hello again.')).length).toBeGreaterThan(RATE / 4)
  })
})

/** Stands in for the worker: keeps what it is asked and answers by `answer`. */
class FakeWorker extends EventTarget {
  onmessage: ((event: { data: EspeakMessage }) => void) | undefined
  onerror: ((event: unknown) => void) | undefined
  readonly asked: (readonly Utterance[])[] = []
  ended = false
  readonly answer: (worker: FakeWorker) => void

  constructor(answer: (worker: FakeWorker) => void) {
    super()
    this.answer = answer
    queueMicrotask(() => this.send({ free: true }))
  }

  send(data: EspeakMessage): void {
    this.onmessage?.({ data })
  }

  speak(length = 100): void {
    this.send({ samples: new Int16Array(length) })
  }

  postMessage({ say }: SayMessage): void {
    this.asked.push(say)
    this.answer(this)
  }

  terminate(): void {
    this.ended = true
  }
}

describe('embedded(), with a stand-in for its worker,', () => {
  function faked(...answers: ((worker: FakeWorker) => void)[]) {
    const clock = new FakeClock()
    const workers: FakeWorker[] = []
    const spawn = () => {
      const worker = new FakeWorker(answers[workers.length] ?? answers.at(-1)!)
      workers.push(worker)
      return worker as unknown as Worker
    }
    return { host: start({ spawn, setTimer: clock.setTimer }), workers, clock }
  }

  const talk = (worker: FakeWorker) => {
    worker.speak()
    worker.send({ free: true })
  }

  const silent = () => {}

  test.each<[string, Partial<Clause>, string[]]>([
    ['auto', {}, ['gmw/en Hello. ', 'sit/cmn 你好。 ', 'zle/ru мир']],
    ['auto+f2', {}, ['gmw/en+f2 Hello. ', 'sit/cmn+f2 你好。 ', 'zle/ru+f2 мир']],
    ['de', {}, ['gmw/de Hello. ', 'sit/cmn 你好。 ', 'zle/ru мир']],
    ['de', { language: 'fr-CA' }, ['roa/fr Hello. ', 'sit/cmn 你好。 ', 'zle/ru мир']],
    ['auto', { language: 'zh-HK' }, ['gmw/en Hello. ', 'sit/yue 你好。 ', 'zle/ru мир']],
    ['en-gb-scotland', { language: 'en' }, ['gmw/en-GB-scotland Hello. ', 'sit/cmn 你好。 ', 'zle/ru мир']],
    ['auto', { language: 'xx' }, ['gmw/en Hello. ', 'sit/cmn 你好。 ', 'zle/ru мир']],
  ])('picks the voices for %s and %j', async (voice, rest, voices) => {
    const { host, workers } = faked(talk)
    await join(await ask(host, said('Hello. 你好。 мир', voice, rest)))
    expect(workers[0]!.asked[0]!.map((utterance) => `${utterance.voice} ${utterance.text}`)).toEqual(voices)
    expect(workers[0]!.asked[0]!.map(({ pauseMs }) => pauseMs)).toEqual([290, 290, 0])
  })

  test('says what is to be spoken, not what is shown', async () => {
    const { host, workers } = faked(talk)
    await join(await ask(host, said('SQL', 'en', { spoken: 'sequel <b> & [[x]]\u0000.' })))
    expect(workers[0]!.asked[0]![0]!.text).toBe('sequel &lt;b> &amp; [ [x]] .')
  })

  test('leaves out marks of speech models', async () => {
    const { host, workers } = faked(talk)
    const text = 'So <strong>very</strong> un<strong>be</strong>lievably good[laughter]<laugh/>now [1].'
    await join(await ask(host, said(text, 'en')))
    expect(workers[0]!.asked[0]![0]!.text).toBe('So very unbelievably good now [1].')
  })

  test('takes a worker that is silent for one that is lost, and asks once more only', async () => {
    const { host, workers, clock } = faked(silent)
    const failed = failure(ask(host, said('Hello.')))
    await settle()
    await clock.advance(9_000)
    expect(workers).toHaveLength(1)
    await clock.advance(2_000)
    expect(workers).toHaveLength(2)
    expect(workers[0]!.ended).toBe(true)
    await clock.advance(11_000)
    expect(await failed).toMatchObject({ code: 'upstream', source: 'host' })
    expect(String(await failed)).toContain('nothing was heard')
    expect(workers).toHaveLength(2)
  })

  test('waits while a worker goes on speaking, then hears its silence', async () => {
    const { host, workers, clock } = faked((worker) => worker.speak(), talk)
    const pcm = await ask(host, said('Hello.'))
    for (let i = 0; i < 5; i++) {
      await clock.advance(9_000)
      workers[0]!.speak()
    }
    expect(workers[0]!.ended).toBe(false)
    await clock.advance(11_000)
    expect(await failure(join(pcm))).toMatchObject({ code: 'upstream' })
    await join(await ask(host, said('Next.')))
    expect(workers).toHaveLength(2)
  })

  test('gives an aborted worker one second to stop', async () => {
    const { host, workers, clock } = faked((worker) => worker.speak(), talk)
    const pcm = await ask(host, said('Hello.'))
    const gone = pcm.cancel()
    workers[0]!.speak() // what was under way
    await clock.advance(1_100)
    await gone
    expect(workers[0]!.ended).toBe(true)
  })

  test('asks again when eSpeak failed before any audio', async () => {
    const { host, workers } = faked((worker) => worker.send({ failed: 'RuntimeError: unreachable' }), talk)
    expect((await join(await ask(host, said('Hello.')))).length).toBe(100)
    expect(workers).toHaveLength(2)
  })

  test('is never ready when its worker cannot start', async () => {
    const prevented: boolean[] = []
    const { host, workers } = faked(silent)
    workers[0]!.onerror?.({ message: 'no such module', preventDefault: () => prevented.push(true) })
    expect(await failure(host.ready)).toMatchObject({ code: 'upstream', source: 'host' })
    expect(String(await failure(host.ready))).toContain('no such module')
    expect(prevented).toEqual([true])
  })

  test('takes no audio at all for a failure', async () => {
    const { host } = faked((worker) => worker.send({ free: true }))
    expect(await failure(ask(host, said('Hello.')))).toMatchObject({ code: 'upstream', source: 'host' })
  })

  test('leaves no timer behind and ends its worker when disposed', async () => {
    const { host, workers, clock } = faked(talk)
    await join(await ask(host, said('Hello.')))
    expect(clock.timers).toBe(0)
    await host[Symbol.asyncDispose]()
    expect(workers[0]!.ended).toBe(true)
    expect(await failure(ask(host, said('Hello.')))).toMatchObject({ code: 'upstream' })
    expect(workers).toHaveLength(1)
  })
})

describe('embedded(), in a build without the voice,', () => {
  test('says so', async () => {
    const host = start({
      find: (name) => {
        throw new Error(`Cannot find ${name}`)
      },
    })
    for (const failed of [failure(host.ready), failure(ask(host, said('Hello.')))]) {
      expect(await failed).toMatchObject({ code: 'unavailable' })
      expect(String(await failed)).toContain('This build has no embedded voice')
    }
    await host[Symbol.asyncDispose]()
  })
})
