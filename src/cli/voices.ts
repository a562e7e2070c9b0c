import { loadConfig } from '../config.ts'
import { columns, command } from './command.ts'
import { print } from './shell.ts'
import { startServices } from './start.ts'

/** `sotto voices`: who can speak. */
export const voices = command({
  name: 'voices',
  summary: 'List the voices of every host',
  flags: {
    json: { help: 'One JSON object a line: id, languages, hosts, aliases' },
    config: { short: 'c', value: 'FILE', help: 'The config file (default: sotto.yaml)' },
  },
  help: `
A voice without languages speaks whatever it is given. Its other names, such as OpenAI's, lead to it as well.

Examples:
  sotto voices
  sotto voices --json | jq -r .id`,
  async run({ values }, shell) {
    const loaded = loadConfig({ path: values.config, env: shell.env, cwd: shell.cwd })
    await using services = startServices(loaded, shell)
    const offered = services.voices.list()
    if (values.json) {
      for (const voice of offered) await print(shell.stdout, JSON.stringify(voice))
      return
    }
    const rows = offered.map(({ id, languages, hosts, aliases }) => [
      id,
      languages.join(', ') || 'any',
      hosts.join(', '),
      aliases.join(', '),
    ])
    await print(shell.stdout, columns([['VOICE', 'LANGUAGES', 'HOST', 'OTHER NAMES'], ...rows]))
  },
})
