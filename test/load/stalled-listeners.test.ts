import { expect, test } from 'bun:test'
import { needs } from '../fakes/needs.ts'
import { namespaceIsAllowed, runDriver } from './run-driver.ts'
import type { Stalled } from './stalled-listeners.ts'

const LISTENERS = 1000
/** The spool's default bound, then SPEC's bound on what else a stream may take. */
const MOST_MEGABYTES = (256_000_000 + LISTENERS * 256 * 1024) / 1024 ** 2

const lacking = ['unshare', 'ip'].filter((program) => !needs(program))
if (lacking.length === 0 && process.env.CI !== 'true' && !namespaceIsAllowed())
  lacking.push('a network namespace')

const without = lacking.length > 0 ? ` (needs ${lacking.join(', ')})` : ''

test.skipIf(lacking.length > 0)(
  `1000 stalled listeners stop the host, take bounded memory and hear all in the end${without}`,
  async () => {
    const seen = await runDriver<Stalled>('stalled-listeners.ts', {
      listeners: LISTENERS,
      timeoutMs: 170_000,
    })
    expect(seen.hostCallsRunning).toBe(0)
    expect(seen.callsWhileStalled).toBeLessThan(0.6 * seen.callsForAll)
    expect(seen.otherStatus).toBe(200)
    expect(seen.stalledMegabytes - seen.idleMegabytes).toBeLessThan(MOST_MEGABYTES)
    expect(seen.peakMegabytes - seen.idleMegabytes).toBeLessThan(MOST_MEGABYTES) // while all read on
    expect(seen.intact).toBe(LISTENERS)
  },
  180_000,
)
