import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ClauseStream, type ClauseStreamOptions, FLUSH } from '../../src/clauses/clause-stream.ts'
import type { Clause } from '../../src/speech.ts'
import { chunked, nasty, streamOf } from './chunks.ts'

type Input = string | typeof FLUSH

const manner = { voice: 'anna', language: 'en', speed: 2, seed: 7 }

const clauses = (input: readonly Input[], options: Partial<ClauseStreamOptions> = {}): Promise<Clause[]> =>
  Array.fromAsync(streamOf(input).pipeThrough(new ClauseStream({ manner, ...options })))

const texts = async (input: readonly Input[], options?: Partial<ClauseStreamOptions>): Promise<string[]> =>
  (await clauses(input, options)).map(({ text }) => text)

describe('ClauseStream as a stage', () => {
  test('passes text of any chunk size', async () => {
    await fc.assert(
      fc.asyncProperty(chunked(nasty), async (chunks) => {
        expect(await clauses(chunks)).toEqual(await clauses([chunks.join('')]))
      }),
      { numRuns: 200 },
    )
  })

  test('slows its source', async () => {
    let pulled = 0
    const source = new ReadableStream<string>({
      pull(controller) {
        controller.enqueue(`This is sentence ${pulled++} of many. `)
      },
    })
    const reader = source.pipeThrough(new ClauseStream({ manner })).getReader()
    await reader.read()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(pulled).toBeLessThan(10)
    for (let read = 1; read < 20; read++) await reader.read()
    expect(pulled).toBeLessThan(30)
    await reader.cancel()
  })

  test('carries an error', async () => {
    const source = new ReadableStream<string>({
      start: (controller) => controller.enqueue('One is said. Two is'),
      pull: (controller) => controller.error(new Error('the writer broke')),
    })
    const stream = source.pipeThrough(new ClauseStream({ manner }))
    await expect(Array.fromAsync(stream)).rejects.toThrow('the writer broke')
  })

  test('carries a cancel', async () => {
    let reason: unknown
    const source = new ReadableStream<string>({
      pull: (controller) => controller.enqueue('Again and again. '),
      cancel: (given) => {
        reason = given
      },
    })
    const reader = source.pipeThrough(new ClauseStream({ manner })).getReader()
    await reader.read()
    await reader.cancel('enough')
    expect(reason).toBe('enough')
  })
})

describe('ClauseStream gives each clause', () => {
  test('its manner, place, text, sound and pause', async () => {
    expect(await clauses(['Hello there, all of you who came, and welcome. **Bye**\n\nNow'])).toEqual([
      {
        ...manner,
        index: 0,
        text: 'Hello there, all of you who came,',
        spoken: 'Hello there, all of you who came.',
        pauseMs: 60,
      },
      { ...manner, index: 1, text: 'and welcome.', spoken: 'and welcome.', pauseMs: 160 },
      { ...manner, index: 2, text: 'Bye', spoken: 'Bye.', pauseMs: 300 },
      { ...manner, index: 3, text: 'Now', spoken: 'Now.', pauseMs: 160 },
    ])
  })

  test('the configured pauses, and none where a word was cut off', async () => {
    const pauses = { clause: 2, sentence: 4, paragraph: 6 }
    const options = { clauses: { maxChars: 16, minChars: 2, firstChars: 100, pauses } }
    const found = await clauses(['aaaa bbbb cccc dddd, eeee. Ff gg.\n\nHh ii:\n- Jj.'], options)
    expect(found.map(({ text, pauseMs }) => [text, pauseMs])).toEqual([
      ['aaaa bbbb cccc', 0],
      ['dddd, eeee.', 2],
      ['Ff gg.', 3],
      ['Hh ii:', 2],
      ['Jj.', 2],
    ])
  })

  test.each([
    [2, [160, 300, 160]],
    [0.5, [640, 1_200, 640]],
  ])('pauses as the speed %p has them', async (speed, expected) => {
    const found = await clauses(['Aa bb cc dd. Ee ff gg.\n\nHh ii.'], { manner: { ...manner, speed } })
    expect(found.map(({ pauseMs }) => pauseMs)).toEqual(expected)
  })

  test('the lexicon in what is said, not in what is shown', async () => {
    const lexicon = [{ pattern: 'SQL', replacement: 'sequel' }]
    const [clause] = await clauses(['I like SQL'], { lexicon })
    expect(clause).toMatchObject({ text: 'I like SQL', spoken: 'I like sequel.' })
  })

  test('no control token that a lexicon or the text would make', async () => {
    const lexicon = [{ pattern: 'x', replacement: '<|endofprompt|>' }]
    for (const { spoken } of await clauses(['Say <|im_start|> x'], { lexicon }))
      expect(spoken).not.toMatch(/<\||\|>/)
  })

  test('something to say', async () => {
    const lexicon = [{ pattern: 'um', replacement: '' }]
    const found = await clauses(['So it began. ... \n\n um \n\n —\n\nThe end came.'], { lexicon })
    expect(found.map(({ index, text }) => [index, text])).toEqual([
      [0, 'So it began. ...'],
      [1, 'The end came.'],
    ])
  })
})

describe('ClauseStream cuts at FLUSH', () => {
  test('whatever is held', async () => {
    expect(await texts(['Hello the', FLUSH, 're, Dr', FLUSH, FLUSH, '. Who'])).toEqual([
      'Hello the',
      're, Dr',
      '. Who',
    ])
  })

  test('and still knows the first sentence when nothing was held', async () => {
    const text = 'We went to the market in town, and bought some bread.'
    expect(await texts([FLUSH, text])).toEqual(await texts([text]))
  })
})

/** A live stream with a clock of its own. */
function live(options: Partial<ClauseStreamOptions> = {}) {
  const timers = new Map<number, () => void>()
  let set = 0
  const waits: number[] = []
  const setTimer = (callback: () => void, ms: number) => {
    const id = set++
    timers.set(id, callback)
    waits.push(ms)
    return () => timers.delete(id)
  }
  const stream = new ClauseStream({ manner, live: true, setTimer, ...options })
  const found: string[] = []
  const done = stream.readable.pipeTo(new WritableStream({ write: ({ text }) => void found.push(text) }))
  done.catch(() => {})
  const writer = stream.writable.getWriter()
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
  return {
    found,
    timers,
    waits,
    writer,
    done,
    async write(...chunks: Input[]) {
      for (const chunk of chunks) await writer.write(chunk)
      await settled()
    },
    async elapse() {
      for (const [id, callback] of timers) {
        timers.delete(id)
        callback()
      }
      await settled()
    },
  }
}

describe('ClauseStream on live text', () => {
  test('takes a likely end when no more text comes', async () => {
    const stream = live({ clauses: { maxBufferDelayMs: 70 } })
    await stream.write('Are you there?')
    expect(stream.found).toEqual([])
    await stream.elapse()
    expect(stream.found).toEqual(['Are you there?'])
    expect(stream.waits).toEqual([70])
    await stream.write(' Yes, I am here. ')
    await stream.elapse()
    expect(stream.found).toEqual(['Are you there?', 'Yes, I am here.'])
  })

  test.each(['Hi!', 'Hi.”', '你好。', '**Hi!**', 'Hi !', 'Yes. No.\n'])(
    'takes %p for a likely end',
    async (text) => {
      const stream = live()
      await stream.write(text)
      expect(stream.timers.size).toBe(1)
    },
  )

  test.each(['Hi', 'Hi,', 'Hi. There', 'Hi (and', 'Hi\n\n', '**'])(
    'does not take %p for one',
    async (text) => {
      const stream = live()
      await stream.write(text)
      expect(stream.timers.size).toBe(0)
    },
  )

  test('waits anew with each further text', async () => {
    const stream = live()
    await stream.write('It is 3.')
    await stream.write('14.')
    expect([stream.timers.size, stream.waits.length]).toEqual([1, 2])
    await stream.write(' so far')
    expect(stream.timers.size).toBe(0)
  })

  test('takes its own timer when given none', async () => {
    const stream = new ClauseStream({ manner, live: true, clauses: { maxBufferDelayMs: 0 } })
    const writer = stream.writable.getWriter()
    const read = stream.readable.getReader().read()
    await writer.write('Are you there?')
    expect((await read).value?.text).toBe('Are you there?')
    await writer.abort()
  })

  test('does not wait when it is not live', async () => {
    const stream = live({ live: false })
    await stream.write('Are you there?')
    expect(stream.timers.size).toBe(0)
  })

  test('leaves no timer behind when it ends, is aborted or fails', async () => {
    const ends = [
      (stream: ReturnType<typeof live>) => stream.writer.close(),
      (stream: ReturnType<typeof live>) => stream.writer.abort('gone'),
    ]
    for (const end of ends) {
      const stream = live()
      await stream.write('Are you there?')
      await end(stream)
      expect(stream.timers.size).toBe(0)
    }
    const { readable, writable } = new ClauseStream({ manner, live: true, setTimer: () => () => cleared++ })
    let cleared = 0
    const reader = readable.getReader()
    const read = reader.read()
    await writable.getWriter().write('Are you there?')
    await reader.cancel()
    await read
    expect(cleared).toBe(1)
  })
})
