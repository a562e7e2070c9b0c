import { existsSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname! // absent, by Deno's types, where code comes over the network
/** Only the binary has this folder: `build.ts` lays it out just as `src` and `node_modules` are. */
const packed = join(here, 'assets')
const places = existsSync(packed) ? [packed] : [join(here, '..'), join(here, '..', '..', 'node_modules')]

/**
 * Finds a file that is read while running, such as `web/index.html` (under `src`) or
 * `@evan/opus/wasm/simd.wasm` (in a package), as a path for `readFileSync`: the same from source and in the
 * binary, where it can be read whole but not opened. Throws when this build lacks it.
 */
export function asset(name: string): string {
  const path = places.map((place) => join(place, name)).find((candidate) => existsSync(candidate))
  if (path === undefined) throw new Error(`Cannot find ${name}: this build does not contain it`)
  return path
}
