/** One value of a metric, as Prometheus reads it. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: Sample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped']
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=.)|$)/y
const VALUE = /^(?:NaN|[+-]Inf|[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)$/

/** Reads Prometheus's text format 0.0.4 and is stricter than Prometheus: anything odd throws, with its line. */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line does not end')
  const families = new Map<string, Family>()
  const seen = new Set<string>()
  let help: { name: string; text: string } | undefined
  let family: Family | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`)
    }
    if (line === '') continue
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (keyword === 'HELP') {
      if (help || families.has(name) || !NAME.test(name)) fail('HELP twice, out of place or of no name')
      help = { name, text: rest }
    } else if (keyword === 'TYPE') {
      if (help?.name !== name || !TYPES.includes(rest)) fail('TYPE without its HELP or of no type')
      family = { name, type: rest, help: help!.text, samples: [] }
      families.set(name, family)
      help = undefined
    } else if (line.startsWith('#')) {
      fail('A comment')
    } else {
      const sample = parseSample(line) ?? fail('Not a sample')
      if (help || !family || !belongs(sample, family)) fail('A sample out of place')
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()])
      if (seen.has(key)) fail('A sample twice')
      seen.add(key)
      family!.samples.push(sample)
    }
  }
  for (const each of families.values()) if (each.type === 'histogram') checkHistogram(each)
  return families
}

function parseSample(line: string): Sample | undefined {
  const [, name, inBraces = '', value = ''] = SAMPLE.exec(line) ?? []
  if (!name || !VALUE.test(value)) return undefined
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  for (let at = 0; at < inBraces.length; at = LABEL.lastIndex) {
    const [, label, escaped] = LABEL.exec(inBraces) ?? []
    if (label === undefined || label in labels) return undefined
    labels[label] = escaped!.replaceAll(/\\(.)/g, (_, mark) => (mark === 'n' ? '\n' : mark))
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

function belongs({ name, labels }: Sample, family: Family): boolean {
  if (family.type !== 'histogram') return name === family.name && !('le' in labels)
  const part = name.slice(family.name.length)
  return name.startsWith(family.name) && (part === '_bucket') === 'le' in labels && PARTS.includes(part)
}
const PARTS = ['_bucket', '_sum', '_count']

/** Buckets rise to `+Inf`, which is the count. */
function checkHistogram({ name, samples }: Family): void {
  const children = Map.groupBy(samples, ({ labels: { le: _, ...rest } }) => JSON.stringify(rest))
  for (const [labels, child] of children) {
    const buckets = child.filter((sample) => sample.name === `${name}_bucket`)
    const bounds = buckets.map((sample) => Number(sample.labels.le!.replace('Inf', 'Infinity')))
    const counts = buckets.map(({ value }) => value)
    const rises = (values: number[]) => values.every((value, i) => i === 0 || value >= values[i - 1]!)
    const [count, sum] = ['_count', '_sum'].map(
      (part) => child.find((sample) => sample.name === name + part)?.value,
    )
    if (bounds.at(-1) !== Infinity || !rises(bounds) || !rises(counts) || counts.at(-1) !== count) {
      throw new Error(`Buckets of ${name}${labels} do not rise to their count`)
    }
    if (sum === undefined) throw new Error(`${name}${labels} has no sum`)
  }
}
