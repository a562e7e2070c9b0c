import type { Config, LoadedConfig } from '../config.ts'
import { checkHosts, type VoiceCheck } from './check-hosts.ts'
import { columns } from './command.ts'
import { Failure, print, type Shell } from './shell.ts'
import { startServices } from './start.ts'

export interface SpeakWithHostsOptions {
  readonly shell: Shell
  /** Every voice of the embedded host too. */
  readonly all: boolean
}

/** Speaks with every configured host and prints how its voices did; throws a `Failure` when one did not. */
export async function speakWithHosts(
  loaded: LoadedConfig,
  { shell, all }: SpeakWithHostsOptions,
): Promise<void> {
  const { config } = loaded
  await using services = startServices(loaded, shell)
  const timeouts = (id: string) => timeoutsOf(config.hosts.find((host) => host.id === id))
  const checks = await checkHosts(services.hosts, { signal: shell.signal, all, timeouts })
  await print(shell.stdout, `\n${table(checks.map((check) => ({ ...check, mode: modeOf(check, config) })))}`)
  const failed = checks.filter(({ trouble }) => trouble !== undefined).length
  if (failed > 0) throw new Failure(`${failed} of ${checks.length} voices failed`)
}

type HostConfig = Config['hosts'][number]

const timeoutsOf = (host: HostConfig | undefined) => (host && 'timeouts' in host ? host.timeouts : {})

/** How the host is asked for a voice, where there is more than one way: `sft`, `zero_shot`. */
function modeOf({ host, voice }: VoiceCheck, { hosts }: Config): string | undefined {
  const config = hosts.find(({ id }) => id === host)
  const voices: readonly object[] = config && 'voices' in config ? config.voices : []
  const found = voices.find((each) => 'id' in each && each.id === voice)
  return found && 'mode' in found ? String(found.mode) : undefined
}

const HEAD = ['HOST', 'VOICE', 'LANGUAGE', 'RESULT', 'FIRST AUDIO', 'AUDIO', 'FACTOR', 'WHAT IS WRONG']

function table(checks: readonly (VoiceCheck & { readonly mode: string | undefined })[]): string {
  const rows = checks.map((check) => {
    const { host, voice, language, mode, trouble, firstAudioMs, seconds, factor } = check
    return [
      host,
      voice,
      language,
      trouble === undefined ? 'ok' : 'failed',
      firstAudioMs === undefined ? '–' : `${Math.round(firstAudioMs)} ms`,
      seconds === undefined ? '–' : `${seconds.toFixed(2)} s`,
      factor === undefined ? '–' : factor.toFixed(3),
      trouble === undefined ? '' : [mode, trouble].filter(Boolean).join(': '),
    ]
  })
  return columns([HEAD, ...rows])
}
