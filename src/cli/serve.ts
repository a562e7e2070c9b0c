import { createApp } from '../app.ts'
import { type Config, type LoadedConfig, loadConfig } from '../config.ts'
import { body } from '../pcm/body.ts'
import { warmUp } from '../warm-up.ts'
import { command } from './command.ts'
import { drain } from './drain.ts'
import { hostFailures } from './host-failures.ts'
import { Failure, print } from './shell.ts'
import { startServices } from './start.ts'

/** `sotto serve`: the proxy itself. */
export const serve = command({
  name: 'serve',
  summary: 'Listen for requests and speak',
  flags: {
    port: {
      short: 'p',
      value: 'PORT',
      help: 'The port to listen on (default: 8080; PORT and SOTTO_PORT too)',
    },
    host: { value: 'ADDRESS', help: 'The address to listen on (default: 127.0.0.1; 0.0.0.0 for every one)' },
    config: {
      short: 'c',
      value: 'FILE',
      help: 'The config file (default: sotto.yaml, sotto.yml or sotto.json)',
    },
  },
  help: `
Without a config it speaks with the voice inside it. On Ctrl-C or SIGTERM it takes no new requests, lets running
replies end for up to drainSeconds (default 10) and exits with 0; a second Ctrl-C ends it at once.

Examples:
  sotto serve
  sotto serve --port 9000 --host 0.0.0.0
  sotto serve --config /etc/sotto.yaml
  SOTTO_AUDIO__PACE=realtime sotto serve    (any setting: see docs/config.md)`,
  async run({ values }, shell) {
    const { port, host } = values
    const loaded = loadConfig({ path: values.config, flags: { port, host }, env: shell.env, cwd: shell.cwd })
    const { config } = loaded
    // It serves on when nobody reads its complaints any more.
    const complain = (line: string) => void print(shell.stderr, line).catch(() => {})
    await using services = startServices(loaded, shell, {
      watch: true,
      tell: hostFailures({ write: complain }),
    })
    const app = createApp(services, config, { bodyOf: body })
    const server = await shell
      .listen((request) => app.fetch(request), { port: config.port, hostname: config.host })
      .catch((thrown: unknown) => {
        throw cannotListen(thrown, config)
      })
    for (const name of loaded.ignored) complain(`${name} is no setting of sotto; it is ignored`)
    await print(shell.stdout, greeting(server.url, loaded))
    services.router.settled.then(() => services.router.troubles.forEach(complain))
    warmUp(shell).catch((thrown) => complain(`The first replies may be slow: ${thrown}`))
    await stopped(shell.signal)
    await drain(server, {
      seconds: config.drainSeconds,
      stderr: shell.stderr,
      onLate: services.cut,
    })
  },
})

function cannotListen(thrown: unknown, { host, port }: Config): unknown {
  const { code } = thrown as NodeJS.ErrnoException
  const where = `${host}:${port}`
  if (code === 'EADDRINUSE')
    return new Failure(`${where} is taken by another program; choose a port with --port`)
  if (code === 'EACCES')
    return new Failure(`Not allowed to listen on ${where}; ports below 1024 are for root`)
  if (NO_ADDRESS.has(String(code)))
    return new Failure(
      `${host} is no address of this machine; try --host 127.0.0.1, or 0.0.0.0 for every one that it has`,
    )
  return thrown
}

/** What Bun and Deno call an address that cannot be bound, or is none. */
const NO_ADDRESS = new Set(['EADDRNOTAVAIL', 'EINVAL', 'ENOTFOUND', 'EAI_AGAIN', 'ERR_INVALID_ARG_TYPE'])

const BODY = '{"model":"tts-1","voice":"alloy","input":"Hello. 你好，世界。","response_format":"wav"}'

function greeting(address: string, { config, file }: LoadedConfig): string {
  const url = address.replace('//127.0.0.1:', '//localhost:')
  const hosts = config.hosts.map(({ id, kind }) => `${id} (${kind})`).join(', ')
  return `sotto is listening on ${url}
  hosts:  ${hosts}, from ${file ?? 'the defaults'}
  page:   ${url}/
  try:    curl -sN ${url}/v1/audio/speech -H 'content-type: application/json' -d '${BODY}' -o hello.wav`
}

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
