import type { Clause, Host } from '../../speech.ts'

/** Writes the numbers of a text as words; the tags are of the languages it may be in. */
export type ReadNumbers = (text: string, tags: readonly string[]) => string

/**
 * A host that is given words where a text has numbers. The code that knows them is loaded for it; the host is ready
 * when that is, too.
 */
export function withNumbersRead(host: Host, load: () => Promise<ReadNumbers>): Host {
  const loaded = load()
  const ready = Promise.all([host.ready, loaded]).then(() => {})
  ready.catch(() => {}) // for whoever asks
  const languages = new Map(host.voices.map(({ id, languages }) => [id, languages]))

  const reading = async (): Promise<(clause: Clause) => Clause> => {
    const read = await loaded
    return (clause) => {
      const tags = clause.language === undefined ? languages.get(clause.voice) : [clause.language]
      return { ...clause, spoken: read(clause.spoken, tags ?? []) }
    }
  }

  const { batch } = host
  return {
    ...host,
    ready,
    synthesize: async (clause, options) => host.synthesize((await reading())(clause), options),
    ...(batch && {
      batch: {
        ...batch,
        synthesize: async (clauses, options) => batch.synthesize(clauses.map(await reading()), options),
      },
    }),
  }
}
