import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { needs } from '../fakes/needs.ts'
import { freePort } from '../fakes/port.ts'
import { type Browser, ELSEWHERE, startChromium, type Watch, waitForState, watch } from './chromium.ts'

const DEADLINE = 60_000
const TEXT = 'Hello. 你好，世界。'

describe.skipIf(!needs('chromium'))('the page of a real sotto (needs chromium)', () => {
  let url: string
  let sotto: Bun.Subprocess
  let browser: Browser
  let page: Page
  let watched: Watch

  beforeAll(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    sotto = Bun.spawn([process.execPath, 'src/main.ts', 'serve', '--port', `${port}`], {
      stdout: 'ignore',
      stderr: 'ignore',
    })
    browser = await startChromium()
    await ready(url)
    page = await browser.context.newPage()
    watched = watch(page)
  }, DEADLINE)
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    sotto.kill()
    await sotto.exited
  })

  /** Opens the page anew and speaks; gives the counters once it is playing. */
  const speak = async (format: string, from = url) => {
    await page.goto(from)
    await page.waitForSelector('#voice:enabled')
    await page.fill('#text', TEXT)
    await page.fill('#speed', '1')
    await page.click(`#format >> text=${format}`)
    await page.click('#speak')
    return await waitForState(page, 'playing', 'failed')
  }

  /** The reply's bytes in an object URL, fetched as a program on the page would. */
  const fetchWav = () =>
    page.evaluate(async (input) => {
      const body = JSON.stringify({ model: 'tts-1', voice: 'alloy', input, response_format: 'wav' })
      const headers = { 'content-type': 'application/json' }
      const response = await fetch('/v1/audio/speech', { method: 'POST', headers, body })
      const bytes = await response.arrayBuffer()
      const sizes = [4, 40].map((at) => new DataView(bytes).getUint32(at, true))
      const address = URL.createObjectURL(new Blob([bytes], { type: 'audio/wav' }))
      const seconds = (bytes.byteLength - 44) / 48_000
      const { duration: decoded } = await new OfflineAudioContext(1, 1, 24_000).decodeAudioData(bytes)
      return { sizes, seconds, decoded, address }
    }, TEXT)

  test.each(['pcm', 'wav', 'mp3', 'opus', 'flac'])(
    'speaks as %s, to the end',
    async (format) => {
      expect(await speak(format)).toMatchObject({ state: 'playing' })
      const end = await waitForState(page, 'done', 'failed')
      expect(end).toMatchObject({
        state: 'done',
        rate: format === 'opus' ? 48_000 : 24_000,
        played: end.received,
      })
      expect(end.received / end.rate).toBeGreaterThan(0.8)
      expect(end.received / end.rate).toBeLessThan(2.5)
      expect(end.rms).toBeGreaterThan(0.02)
      expect(watched.errors).toEqual([])
    },
    DEADLINE,
  )

  test.each(['pcm', 'mp3'])(
    'speaks as %s over plain http, where there is neither AudioWorklet nor WebCodecs',
    async (format) => {
      await speak(format, url.replace('127.0.0.1', ELSEWHERE))
      expect(await page.evaluate(() => isSecureContext || 'AudioDecoder' in globalThis)).toBe(false)
      const end = await waitForState(page, 'done', 'failed')
      expect(end).toMatchObject({ state: 'done', played: end.received })
      expect(end.rms).toBeGreaterThan(0.02)
      await page.goto(url)
    },
    DEADLINE,
  )

  test(
    'a streamed WAV without sizes opens in Chromium with its whole length',
    async () => {
      const { sizes, seconds, decoded, address } = await fetchWav()
      expect(sizes).toEqual([0xffffffff, 0xffffffff])
      expect(seconds).toBeGreaterThan(1.5)
      const heard = await page.evaluate(async (source) => {
        const audio = new Audio(source)
        const ended = new Promise<number>((resolve, reject) => {
          audio.onended = () => resolve(audio.currentTime)
          audio.onerror = () => reject(new Error(audio.error?.message))
        })
        await audio.play()
        return await ended
      }, address)
      expect(heard).toBeCloseTo(seconds, 1)
      expect(decoded).toBeCloseTo(seconds, 2)
    },
    DEADLINE,
  )

  test(
    'asks nobody but its own origin',
    () => {
      expect(watched.addresses.length).toBeGreaterThan(10)
      const own = [url, url.replace('127.0.0.1', ELSEWHERE), 'data:', 'blob:']
      const strays = watched.addresses.filter((address) => !own.some((start) => address.startsWith(start)))
      expect(strays).toEqual([])
    },
    DEADLINE,
  )
})

async function ready(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return
    await Bun.sleep(50)
  }
  throw new Error('sotto did not become ready in 10 s')
}
