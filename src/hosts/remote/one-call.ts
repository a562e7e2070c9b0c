import { Leaving, type LeavingOptions } from './leaving.ts'

/** Makes one call of a host; rejects with why its caller left, when it has, whatever else went wrong. */
export async function oneCall<T>(
  call: (leaving: Leaving) => Promise<T>,
  options: LeavingOptions,
): Promise<T> {
  options.signal.throwIfAborted()
  const leaving = new Leaving(options)
  try {
    return await call(leaving)
  } catch (thrown) {
    leaving[Symbol.dispose]()
    leaving.throwIfLeft()
    throw thrown
  }
}
