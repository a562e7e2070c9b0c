import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { instruments, SECONDS } from '../../src/telemetry/instruments.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { Registry } from '../../src/telemetry/prom-client.ts'
import { FakeClock } from '../fakes/clock.ts'
import { parseExposition } from './exposition.ts'

const page = readFileSync('docs/metrics.md', 'utf8')
/** Rows that begin with a metric: its name, its type, its labels. */
const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (\w+) \|([^|]*)\|/gm)].map(([, name, type, labels]) => ({
  name: name!,
  type: type!,
  labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!),
}))
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)

describe('docs/metrics.md', () => {
  test('has a row for every metric, with its type, and no other', async () => {
    using metrics = new Metrics(new FakeClock())
    const families = [...parseExposition(await metrics.text()).values()]
    const documented = rows.map(({ name, type }) => ({ name, type }))
    expect(documented.sort(byName)).toEqual(families.map(({ name, type }) => ({ name, type })).sort(byName))
  })

  test('names the labels that each has', () => {
    const all = Object.values(instruments(new Registry())).map((instrument) => {
      const { name, labelNames } = instrument as unknown as { name: string; labelNames: string[] }
      return { name, labels: [...labelNames] }
    })
    const documented = rows
      .filter(({ name }) => name.startsWith('sotto_'))
      .map(({ name, labels }) => ({ name, labels }))
    expect(documented.sort(byName)).toEqual(all.sort(byName))
  })

  test('tells the bounds of the buckets', () => {
    expect(page).toContain(SECONDS.map((bound) => `${bound}`).join(', '))
  })

  test('alerts on nothing that is not there', () => {
    const known = new Set(rows.map(({ name }) => name))
    const used = [
      ...page.matchAll(/\b((?:sotto|process|nodejs)_[a-z_]+?)(?:_bucket|_sum|_count)?\b(?=[{[\s)])/g),
    ]
    expect(used.map(([, name]) => name!).filter((name) => !known.has(name))).toEqual([])
  })
})
