import type { LoadedConfig } from '../config.ts'
import { SpeechError } from '../errors.ts'
import type { Services, ServicesOptions } from '../services.ts'
import type { Shell } from './shell.ts'

export interface StartOptions extends Pick<ServicesOptions, 'tell' | 'watch'> {
  /** How long hosts may take to let go when a command ends; a drained one may still be speaking. @default 3000 */
  readonly disposeMs?: number
}

/**
 * Starts what the config asks for. A fault that shows only then, such as an alias that leads to no voice, is
 * thrown as the config's mistake.
 */
export function startServices(
  { config, mistake }: Pick<LoadedConfig, 'config' | 'mistake'>,
  { createServices }: Pick<Shell, 'createServices'>,
  { disposeMs = 3_000, ...options }: StartOptions = {},
): Services {
  try {
    const services = createServices(config, options)
    return { ...services, [Symbol.asyncDispose]: () => within(services[Symbol.asyncDispose](), disposeMs) }
  } catch (thrown) {
    if (!(thrown instanceof SpeechError && thrown.field)) throw thrown
    const dot = thrown.field.indexOf('.')
    throw mistake([thrown.field.slice(0, dot), thrown.field.slice(dot + 1)], thrown.message)
  }
}

/** Resolves when `work` does, or after `ms`. */
async function within(work: PromiseLike<unknown>, ms: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
