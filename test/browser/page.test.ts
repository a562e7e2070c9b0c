import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { wavHeader } from '../../src/pcm/formats/wav.ts'
import { needs } from '../fakes/needs.ts'
import { type Browser, counters, startChromium, type Watch, waitForState, watch } from './chromium.ts'
import { type Piece, RATE, type SlowSpeaker, startSlowSpeaker, tone } from './slow-speaker.ts'

const DEADLINE = 60_000

/** As much audio a piece as time passes between them, nearly: twice real time. */
function* slowly(count: number): Generator<Piece> {
  for (let i = 0; i < count; i++) {
    yield { seconds: 0.1 }
    yield { wait: 50 }
  }
}

/** Parts that do not come together, as they would when they were sent at once. */
const apart = (parts: readonly Uint8Array[]): Piece[] => parts.flatMap((bytes) => [{ bytes }, { wait: 20 }])

describe.skipIf(!needs('chromium'))('the page (needs chromium)', () => {
  let browser: Browser
  let speaker: SlowSpeaker
  let page: Page
  let watched: Watch

  beforeAll(async () => {
    browser = await startChromium()
  }, DEADLINE)
  afterAll(async () => await browser[Symbol.asyncDispose]())
  beforeEach(async () => {
    speaker = await startSlowSpeaker()
    page = await browser.context.newPage()
    watched = watch(page)
    await page.goto(speaker.url)
    await page.waitForSelector('#voice:enabled')
  }, DEADLINE)
  afterEach(async () => {
    const origin = new URL(speaker.url).origin
    const strays = watched.addresses.filter((address) => !/^(data|blob):/.test(address))
    await page.close()
    await speaker[Symbol.asyncDispose]()
    expect(strays.filter((address) => new URL(address).origin !== origin)).toEqual([])
    expect(watched.errors).toEqual([])
  })

  /** Chromium itself reports a failed request on the console; nothing else is let through. */
  const forgiveFailedRequest = () => {
    const own = watched.errors.filter((error) => !error.startsWith('Failed to load resource'))
    watched.errors.splice(0, watched.errors.length, ...own)
  }

  const speak = async (script: Iterable<Piece> | Response, text = 'Hello.') => {
    speaker.script = script
    await page.fill('#text', text)
    await page.click('#speak')
  }

  /** How much of the waveform is drawn as arrived, 0 to 1: paler pixels are none. */
  const inked = () =>
    page.$eval('#waveform', (canvas) => {
      const { width, height } = canvas as HTMLCanvasElement
      const pixels = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height).data
      let strong = 0
      for (let i = 3; i < pixels.length; i += 4) if (pixels[i]! > 80) strong++
      return strong / (width * height)
    })

  test(
    'is heard and drawn while the reply is still arriving',
    async () => {
      expect(await inked()).toBe(0)
      await speak(slowly(12))
      const early = await waitForState(page, 'playing')
      expect(early.totalMs).toBeUndefined()
      expect(early.firstAudioMs).toBeGreaterThanOrEqual(early.firstByteMs!)
      await page.waitForFunction(() => window.sotto.counters.played > 6000)
      expect(await inked()).toBeGreaterThan(0.02)
      expect(await page.textContent('#first-audio')).toMatch(/^\d+ ms$/)
      const end = await waitForState(page, 'done', 'failed')
      expect(end).toMatchObject({
        state: 'done',
        rate: RATE,
        received: 1.2 * RATE,
        played: 1.2 * RATE,
        underruns: 0,
      })
      expect(end.rms).toBeCloseTo(0.354, 2)
      expect(end.peak).toBeCloseTo(0.5, 2)
      expect(await page.textContent('#seconds')).toBe('1.20 s')
      expect(await page.textContent('#bytes')).toBe('57.6 kB')
      expect(await page.textContent('#factor')).toMatch(/^[01]\.\d+$/)
    },
    DEADLINE,
  )

  test(
    'takes bytes cut in the middle of samples',
    async () => {
      const bytes = tone(0.5)
      const sizes = [1, 2, 4799, 3, 1, 9601]
      let at = 0
      const parts = [...sizes, bytes.length].map((size) => bytes.slice(at, (at += size)))
      await speak(apart(parts))
      const end = await waitForState(page, 'done', 'failed')
      expect(end).toMatchObject({ state: 'done', bytes: bytes.length, played: RATE / 2 })
      expect(end.rms).toBeCloseTo(0.354, 2)
    },
    DEADLINE,
  )

  test(
    'Stop ends request and sound at once',
    async () => {
      await speak(slowly(600))
      await waitForState(page, 'playing')
      await page.click('#stop')
      expect(await page.textContent('#status')).toBe('Stopped')
      expect(await page.isDisabled('#stop')).toBe(true)
      await page.waitForTimeout(100)
      const { played } = await counters(page)
      await page.waitForTimeout(200)
      expect(await counters(page)).toMatchObject({ state: 'stopped', played })
      expect(speaker.left()).toBe(1)
      expect(await page.textContent('#download')).toBe('Download the part received')
    },
    DEADLINE,
  )

  test(
    'Speak cancels the former speech',
    async () => {
      await speak(slowly(600))
      await waitForState(page, 'playing')
      await speak([{ seconds: 0.3 }])
      const end = await waitForState(page, 'done', 'failed')
      expect(end).toMatchObject({ state: 'done', played: 0.3 * RATE })
      expect(speaker.left()).toBe(1)
    },
    DEADLINE,
  )

  test(
    "a refusal is shown in the server's words",
    async () => {
      const error = {
        message: 'Voice "x" is not known',
        type: 'invalid_request_error',
        param: 'voice',
        code: 'x',
      }
      await speak(Response.json({ error }, { status: 400 }))
      await waitForState(page, 'failed')
      expect(await page.textContent('[role=alert]')).toBe(error.message)
      expect(await page.textContent('#status')).toBe('Failed')
      expect(await page.isHidden('#download')).toBe(true)
      await speak([{ seconds: 0.1 }])
      await waitForState(page, 'done')
      expect(await page.isHidden('[role=alert]')).toBe(true)
      forgiveFailedRequest()
    },
    DEADLINE,
  )

  test(
    'a cut stream is an error, and what came before it is still heard',
    async () => {
      await speak([{ seconds: 0.5 }, { wait: 150 }, 'cut'])
      await waitForState(page, 'failed')
      expect(await page.textContent('[role=alert]')).toContain('was cut after 0.5 s')
      await page.waitForFunction(() => window.sotto.counters.played === 12_000)
      await page.waitForSelector('#stop:disabled')
      expect(await counters(page)).toMatchObject({ state: 'failed', played: RATE / 2 })
      forgiveFailedRequest()
    },
    DEADLINE,
  )

  test(
    'audio that comes late is a gap, counted and shown',
    async () => {
      await speak([{ seconds: 0.2 }, { wait: 600 }, { seconds: 0.2 }])
      const end = await waitForState(page, 'done', 'failed')
      expect(end).toMatchObject({ state: 'done', underruns: 1, played: 0.4 * RATE })
      expect(await page.textContent('#gaps')).toBe('1')
    },
    DEADLINE,
  )

  test(
    'asks for what the form says, by keyboard too',
    async () => {
      speaker.script = [{ seconds: 0.1 }]
      await page.fill('#voice-search', 'chinese')
      expect(await page.inputValue('#voice')).toBe('ash')
      await page.selectOption('#voice', 'cmn')
      await page.fill('#speed', '-1')
      await page.fill('#text', "It's 你好")
      expect(await page.textContent('#count')).toBe('7 characters')
      expect(await page.textContent('#code')).toContain(`"input":"It'\\''s 你好"`)
      await page.focus('#text')
      await page.keyboard.press('Control+Enter')
      await waitForState(page, 'done')
      expect(speaker.requests).toEqual([
        { model: 'tts-1', voice: 'cmn', input: "It's 你好", response_format: 'pcm', speed: 0.5 },
      ])
    },
    DEADLINE,
  )

  test(
    'lists OpenAI names first and asks for a voice that is not listed as it is typed',
    async () => {
      const groups = await page.$$eval('#voice optgroup', (all) =>
        all.map((group) => group.getAttribute('label')),
      )
      expect(groups).toEqual(['OpenAI names', 'Aliases', 'Host local'])
      expect(await page.inputValue('#voice')).toBe('alloy')
      await page.fill('#voice-search', 'en-gb+f2')
      expect(await page.inputValue('#voice')).toBe('en-gb+f2')
      await page.fill('#voice-search', '')
      expect(await page.$$eval('#voice option', (all) => all.length)).toBe(35)
    },
    DEADLINE,
  )

  test(
    'gives a streamed WAV its true sizes in the download',
    async () => {
      const stream = new Uint8Array([...wavHeader({ rate: 16_000 }), ...tone(0.5)])
      await page.click('#format >> text=wav')
      await speak([
        { bytes: stream.slice(0, 30) },
        { bytes: stream.slice(30, 99) },
        { bytes: stream.slice(99) },
      ])
      expect(await waitForState(page, 'done')).toMatchObject({ rate: 16_000, played: 12_000 })
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')])
      expect(download.suggestedFilename()).toBe('speech.wav')
      const file = new Uint8Array(await readFile(await download.path()))
      expect(file.slice(0, 44)).toEqual(wavHeader({ rate: 16_000, samples: 12_000 }))
      expect(file.slice(44)).toEqual(stream.slice(44))
    },
    DEADLINE,
  )

  test(
    'fits a phone',
    async () => {
      await page.setViewportSize({ width: 280, height: 740 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(280)
      const heights = await page.$$eval('#speak, #stop', (all) => all.map((button) => button.clientHeight))
      expect(Math.min(...heights)).toBeGreaterThanOrEqual(40)
      await speak([{ seconds: 0.3 }])
      expect(await waitForState(page, 'done')).toMatchObject({ played: 0.3 * RATE })
    },
    DEADLINE,
  )
})
