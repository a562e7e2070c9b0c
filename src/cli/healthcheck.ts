import { loadConfig } from '../config.ts'
import { command } from './command.ts'
import { Failure, print, type Shell, UsageError } from './shell.ts'

/** Long enough for a busy server, short enough for a container's probe (Docker gives 30 s). */
const TIMEOUT_MS = 5_000

/** `sotto healthcheck`: whether the running server can speak; one that is full can, and to start it anew would help nobody. */
export const healthcheck = command({
  name: 'healthcheck',
  summary: 'Ask a running server whether it can speak',
  flags: {
    url: { value: 'URL', help: 'The server (default: the port of the config, on this machine)' },
    port: { value: 'PORT', help: 'Its port, when it was started with --port' },
    config: { short: 'c', value: 'FILE', help: 'The config file that it was started with' },
  },
  help: `
Exits with 0 when GET /readyz answers within ${TIMEOUT_MS / 1000} seconds that it is ready, or full; else with 1 and the reason.

Examples:
  sotto healthcheck
  sotto healthcheck --url http://10.0.0.7:8080
  HEALTHCHECK CMD ["sotto", "healthcheck"]    (in a Dockerfile)`,
  async run({ values }, shell) {
    const url = readyUrl(values.url ?? ownUrl(values, shell))
    const deadline = AbortSignal.timeout(TIMEOUT_MS)
    const response = await shell
      .fetch(url.href, { signal: AbortSignal.any([shell.signal, deadline]) })
      .catch((thrown: unknown) => {
        throw new Failure(`${url.origin} does not answer: ${messageOf(thrown)}`, { cause: thrown })
      })
    const answer = (await response.text()).trim()
    const status = statusIn(answer)
    if (status === 'ready' || status === 'full') return print(shell.stdout, `${url.origin} is ${status}`)
    const reason = answer.slice(0, 500)
    if (!response.ok) throw new Failure(`${url.origin} is not ready (${response.status}): ${reason}`)
    throw new Failure(`${url.origin} answers as no sotto does: ${reason}`)
  },
})

/** Where a server says whether it is ready; below its address, which may have a path of its own. */
function readyUrl(server: string): URL {
  if (!/^https?:/i.test(server) || !URL.canParse(server)) {
    throw new UsageError(`${JSON.stringify(server)} is no address; give one such as http://localhost:8080`)
  }
  const url = new URL(server)
  url.pathname = `${url.pathname.replace(/\/(?:readyz)?$/, '')}/readyz`
  return url
}

function statusIn(answer: string): unknown {
  try {
    return JSON.parse(answer)?.status
  } catch {
    return undefined
  }
}

function ownUrl(values: { readonly config?: string; readonly port?: string }, { env, cwd }: Shell): string {
  const { config } = loadConfig({ path: values.config, flags: { port: values.port }, env, cwd })
  return localUrl(config)
}

/** Where this machine reaches what listens on `host`. */
export function localUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
