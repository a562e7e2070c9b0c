import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

/** Leads to loopback too, but over plain http a browser does not trust it as it does 127.0.0.1. */
export const ELSEWHERE = 'sotto.test'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`,
]

export interface Browser extends AsyncDisposable {
  readonly context: BrowserContext
}

/** Starts Debian's Chromium with a profile of its own, which goes with it. */
export async function startChromium(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'sotto-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: FLAGS,
    timeout: 60_000,
  })
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}

/** What a page did that it should not have. */
export interface Watch {
  /** Errors on the console or thrown. */
  readonly errors: string[]
  /** Addresses it asked for. */
  readonly addresses: string[]
}

/** Listens to a page from now on. */
export function watch(page: Page): Watch {
  const errors: string[] = []
  const addresses: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('request', (request) => addresses.push(request.url()))
  return { errors, addresses }
}

/** `Counters` of src/web/player.js. */
export interface Counters {
  readonly state: string
  readonly rate: number
  readonly bytes: number
  readonly received: number
  readonly played: number
  readonly peak: number
  readonly rms: number
  readonly underruns: number
  readonly firstByteMs?: number
  readonly firstAudioMs?: number
  readonly totalMs?: number
}

declare global {
  interface Window {
    readonly sotto: { readonly counters: Counters }
  }
}

/** As text: what runs in the browser cannot be counted as covered here. */
export const counters = (page: Page): Promise<Counters> => page.evaluate('window.sotto.counters')

/** Waits until the page is in one of the states, and gives its counters then. */
export async function waitForState(page: Page, ...states: string[]): Promise<Counters> {
  for (let attempt = 0; attempt < 750; attempt++) {
    const seen = await counters(page)
    if (states.includes(seen.state)) return seen
    await page.waitForTimeout(20)
  }
  throw new Error(
    `The page did not come to ${states.join(' or ')} in 15 s: ${JSON.stringify(await counters(page))}`,
  )
}
