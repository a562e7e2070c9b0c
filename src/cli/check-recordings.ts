import { readFile } from 'node:fs/promises'
import { ConfigError } from '../config/mistakes.ts'
import type { LoadedConfig } from '../config.ts'
import { promptWav } from '../hosts/cosyvoice/prompt-wav.ts'

/** Throws a `ConfigError` that names each voice's recording that cannot be used, by its line, and why. */
export async function checkRecordings({ config, mistake }: LoadedConfig): Promise<void> {
  const errors: ConfigError[] = []
  for (const [i, host] of config.hosts.entries()) {
    if (host.kind !== 'cosyvoice-http' && host.kind !== 'cosyvoice-grpc') continue
    for (const [j, { promptWav: path }] of host.voices.entries()) {
      const why = path === undefined ? undefined : await faultOf(path)
      if (why !== undefined) errors.push(mistake(['hosts', i, 'voices', j, 'promptWav'], why))
    }
  }
  if (errors.length > 0) throw new ConfigError(errors.flatMap(({ mistakes }) => mistakes))
}

async function faultOf(path: string): Promise<string | undefined> {
  try {
    promptWav(await readFile(path))
    return undefined
  } catch (thrown) {
    return `${JSON.stringify(path)}: ${thrown instanceof Error ? thrown.message : thrown}`
  }
}
