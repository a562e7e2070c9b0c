#!/usr/bin/env bun
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const HELP = `Builds one file that needs nothing beside it: dist/sotto, and dist/sotto-without-voice.

  bun build.ts [--voice | --no-voice] [--target TARGET]

  --voice       only the one with the embedded voice (as a whole under GPL-3.0)
  --no-voice    only the one without it (nothing under the GPL inside)
  --target      for another machine: bun-linux-arm64, bun-linux-x64-musl, bun-darwin-arm64, bun-windows-x64, …`

const ROOT = import.meta.dirname
/** What is read while running, by the name that `asset()` is asked for. */
const ASSETS = ['web', '@evan/opus/wasm/simd.wasm', 'wasm-media-encoders/wasm/mp3.wasm']
const VOICE_ASSETS = [
  '@echogarden/espeak-ng-emscripten/espeak-ng.data',
  '@echogarden/espeak-ng-emscripten/COPYING',
]
const VOICE_WORKER = join(ROOT, 'src/hosts/espeak/espeak-worker.ts')

const { values } = parseArgs({
  options: {
    voice: { type: 'boolean' },
    target: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
  allowNegative: true,
})
if (values.help) console.log(HELP)
else for (const voice of values.voice === undefined ? [true, false] : [values.voice]) await build(voice)

async function build(voice: boolean): Promise<void> {
  const suffix = values.target?.replace(/^bun/, '') ?? ''
  const outfile = join(ROOT, 'dist', `sotto${voice ? '' : '-without-voice'}${suffix}`)
  const packed = join(mkdtempSync(join(tmpdir(), 'sotto-')), 'assets')
  try {
    for (const name of voice ? [...ASSETS, ...VOICE_ASSETS] : ASSETS) pack(name, packed)
    await Bun.build({
      entrypoints: [join(ROOT, 'src/main.ts'), ...(voice ? [VOICE_WORKER] : [])],
      // A worker is looked for beside the program, whatever folder its source is in.
      naming: { entry: '[name].[ext]' },
      compile: {
        outfile,
        assets: [packed],
        autoloadBunfig: false,
        ...(values.target ? { target: values.target as Bun.Build.CompileTarget } : {}),
      },
      format: 'esm',
      minify: true,
      bytecode: true, // 6 MB of file for half the start
      splitting: true, // what is not asked for is not loaded: 4 MB less resident
    })
  } finally {
    rmSync(join(packed, '..'), { recursive: true })
  }
  const [file] = [outfile, `${outfile}.exe`].filter((path) => statSync(path, { throwIfNoEntry: false }))
  console.log(`${file}  ${(statSync(file!).size / 1e6).toFixed(1)} MB`)
}

/** Copies a file or folder of `src` or of a package to where `asset()` looks in the binary. */
function pack(name: string, folder: string): void {
  const places = [join(ROOT, 'src', name), join(ROOT, 'node_modules', name)]
  const from = places.find((path) => statSync(path, { throwIfNoEntry: false }))
  if (!from) throw new Error(`Cannot build: there is no ${places.join(' and no ')}`)
  cpSync(from, join(folder, name), { recursive: true })
}
