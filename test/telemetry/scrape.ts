import type { Metrics } from '../../src/telemetry/metrics.ts'
import { parseExposition } from './exposition.ts'

/** Gives what looks a value up in all that the metrics say: `undefined` when it is not there. */
export async function scrape(metrics: Pick<Metrics, 'text'>) {
  const samples = [...parseExposition(await metrics.text()).values()].flatMap((family) => family.samples)
  return (name: string, labels: Record<string, string> = {}): number | undefined =>
    samples.find((sample) => sample.name === name && Bun.deepEquals(sample.labels, labels))?.value
}
