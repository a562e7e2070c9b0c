import { withoutPassword } from '../config/issues.ts'
import { type Config, type LoadedConfig, loadConfig } from '../config.ts'
import { checkRecordings } from './check-recordings.ts'
import { columns, command } from './command.ts'
import { Failure, print, type Shell, UsageError } from './shell.ts'
import { speakWithHosts } from './speak-with-hosts.ts'
import { startServices } from './start.ts'

/** `sotto check`: what is wrong with a config, or what it would run. */
export const check = command({
  name: 'check',
  summary: 'Find the mistakes in a config, or say what it would run',
  takes: '[file]',
  flags: {
    hosts: { help: 'Speak a sentence with every voice of every host, and say what is wrong' },
    all: { help: 'With --hosts: every voice of the embedded host too, not en and cmn only' },
    config: { short: 'c', value: 'FILE', help: 'The config file, as for the other commands' },
  },
  help: `
Reads what sotto serve would read: the file, then the environment, which wins. Each mistake is named with file,
line and column, the setting, its value and what is allowed; so is a host that cannot speak, such as one whose
recording is none. Exits with 1 when there is one.

With --hosts each voice then speaks a sentence in its language, and a table tells how long it took to first audio and
in all, or why it failed: a preset that the host lacks, a call that it does not know, silence, a wrong rate. A rate
shows only when it is wrong by half or double.

Examples:
  sotto check                     sotto.yaml, sotto.yml or sotto.json here, and the environment
  sotto check /etc/sotto.yaml
  sotto check --hosts             before callers find out`,
  async run({ values, words }, shell) {
    if (words.length + (values.config === undefined ? 0 : 1) > 1) {
      throw new UsageError('sotto check takes one file')
    }
    if (values.all && !values.hosts) throw new UsageError('--all is for --hosts')
    const loaded = loadConfig({ path: words[0] ?? values.config, env: shell.env, cwd: shell.cwd })
    const { config, file, ignored } = loaded
    if (!values.hosts) await checkRecordings(loaded) // the table tells it of each voice
    const count = await countVoices(loaded, { shell, speaks: values.hosts === true })
    await print(shell.stdout, `${file ?? 'No config file: the defaults'}: no mistakes\n`)
    await print(shell.stdout, columns([...summary(config), ['voices', `${count} (sotto voices lists them)`]]))
    for (const name of ignored) await print(shell.stderr, `${name} is no setting of sotto; it is ignored`)
    if (values.hosts) await speakWithHosts(loaded, { shell, all: values.all === true })
  },
})

interface CountOptions {
  readonly shell: Shell
  /** Whether the hosts will be spoken with, which tells more than that they cannot. */
  readonly speaks: boolean
}

async function countVoices(loaded: LoadedConfig, { shell, speaks }: CountOptions): Promise<number> {
  await using services = startServices(loaded, shell)
  const { router, voices } = services
  if (!speaks) await router.settled
  if (!speaks && router.troubles.length > 0) throw new Failure(router.troubles.join('\n'))
  return voices.list().length
}

function summary(config: Config): string[][] {
  const { host, port, hosts, voiceAliases, queue, tenants, lexicon, text, audio } = config
  const aliases = Object.entries(voiceAliases).map(([alias, voice]) => `${alias} → ${voice}`)
  const shares = tenants.map(({ id, weight }) => `${id} × ${weight}`)
  return [
    ['listens on', `${host}:${port}`],
    ...hosts.map((each) => ['host', describe(each)]),
    ['aliases', aliases.join(', ') || 'OpenAI’s names, dealt out over the voices'],
    ['queue', `up to ${queue.maxRequests} clauses or ${queue.maxWaitMs / 1000} s before each host`],
    ['tenants', shares.join(', ') || 'all alike'],
    ['faults', faults(config)],
    ['lexicon', `${lexicon.length} entries`],
    ['text', `up to ${text.maxChars} characters a request`],
    ['audio', `pace ${audio.pace}, at most ${audio.lookaheadSeconds} s ahead of a listener`],
  ]
}

/** What is done when a host fails. */
function faults({ attempts, breaker, hedge, degrade, hosts }: Config): string {
  const standIn = hosts.find(({ fallback }) => fallback)
  return [
    `up to ${attempts.tries} more tries`,
    `a host left alone after ${breaker.failures} failures in a row for ${breaker.openSeconds} s`,
    ...(hedge.enabled ? [`a slow first clause asked of a second host after ${hedge.minMs} ms or more`] : []),
    ...(standIn && degrade !== 'never' ? [`${standIn.id} stands in ${STANDS_IN[degrade]}`] : []),
  ].join(', ')
}

const STANDS_IN = { first: 'for a whole reply', always: 'for a reply or its rest' }

function describe(host: Config['hosts'][number]): string {
  const facts = [host.id, host.kind]
  if ('url' in host) facts.push(withoutPassword(host.url))
  if ('model' in host) facts.push(host.model)
  if ('slots' in host) facts.push(`${host.slots} at once`)
  if (host.fallback) facts.push('fallback')
  return facts.join(', ')
}
