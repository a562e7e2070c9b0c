import type { Services } from './app.ts'
import type { LoadedConfig } from './config.ts'
import { SpeechError } from './errors.ts'
import type { Shell } from './shell.ts'

/** How long hosts may take to let go when a command ends; a drained host may still be speaking. */
const DISPOSE_MS = 3_000

/**
 * Starts what the config asks for. A fault that shows only then, such as an alias that leads to no voice, is
 * thrown as the config's mistake. Disposing waits for at most three seconds.
 */
export function startServices({ config, mistake }: LoadedConfig, shell: Shell): Services {
  try {
    const services = shell.createServices(config)
    return { ...services, [Symbol.asyncDispose]: () => within(services[Symbol.asyncDispose](), DISPOSE_MS) }
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
