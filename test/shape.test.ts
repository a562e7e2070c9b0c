import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Glob } from 'bun'

/** The folders of src in the order of the data path, which is the alphabet's. */
const LEAVES = new Set(['speech.ts', 'errors.ts'])
/** Parts of root files, and wiring like these: they may import anything, and no folder imports them. */
const WIRING = new Set(['cli', 'config'])
const files = [...new Glob('**/*.ts').scanSync('src')].sort()
const source = (file: string) => readFileSync(`src/${file}`, 'utf8')
const code = (file: string) => source(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
const folderOf = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')
const imports = (file: string) =>
  [...source(file).matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map((match) => match[1]!)

/** Which files may import a package; a package that is not listed may be imported by none. */
const FENCES: Readonly<Record<string, (file: string) => boolean>> = {
  hono: (file) => file === 'app.ts' || file.startsWith('api/'),
  '@hono/node-server': (file) => file === 'run/listen-node.ts',
  zod: (file) => file.startsWith('api/') || /^(.+-)?config\.ts$/.test(basename(file)),
  yaml: (file) => file.startsWith('config/'),
  uuidv7: (file) => file.startsWith('api/') || file.startsWith('cli/'),
  'cli-progress': (file) => file === 'cli/progress.ts',
  '@connectrpc/connect': (file) => file.startsWith('hosts/cosyvoice-grpc/'),
  '@connectrpc/connect-node': (file) => file === 'hosts/cosyvoice-grpc/connection.ts',
  '@bufbuild/protobuf': (file) => file.startsWith('hosts/cosyvoice-grpc/'),
  'prom-client': (file) => file === 'telemetry/prom-client.ts',
  'wasm-media-encoders': (file) => file === 'pcm/formats/mp3.ts',
  n2words: (file) => file.startsWith('hosts/numbers/'),
  libflacjs: (file) => file === 'pcm/formats/flac.ts',
  '@echogarden/espeak-ng-emscripten': (file) => file === 'hosts/espeak/espeak-worker.ts',
}

const packageOf = (path: string) =>
  path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')

describe('src', () => {
  test('imports point down the listing', () => {
    const upward = files
      .filter((file) => LEAVES.has(file) || (folderOf(file) !== '' && !WIRING.has(folderOf(file))))
      .flatMap((file) =>
        imports(file)
          .filter((path) => path.startsWith('.'))
          .map((path) => new URL(path, `file:///${file}`).pathname.slice(1))
          .filter((target) => {
            const [from, to] = [folderOf(file), folderOf(target)]
            return to === '' ? !LEAVES.has(target) : WIRING.has(to) || from === '' || to < from
          })
          .map((target) => `${file} -> ${target}`),
      )
    expect(upward).toEqual([])
  })

  test('packages stay behind their fences', () => {
    const strays = files.flatMap((file) =>
      imports(file)
        .filter((path) => !path.startsWith('.') && !path.startsWith('node:'))
        .filter((path) => !FENCES[packageOf(path)]?.(file))
        .map((path) => `${file} -> ${path}`),
    )
    expect(strays).toEqual([])
  })

  test('Bun and Deno are named in run/ only', () => {
    const strays = files
      .filter((file) => folderOf(file) !== 'run')
      .filter((file) => /\b(?:Bun|Deno)\.\w/.test(code(file)))
    expect(strays).toEqual([])
  })

  test('files are small and named in kebab-case for what they hold', () => {
    const odd = files.filter((file) => {
      const name = basename(file)
      return (
        !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(name) || /^(index|utils|helpers|common|types)\.ts$/.test(name)
      )
    })
    const lengths = files.map((file) => source(file).split('\n').length).sort((a, b) => a - b)
    expect(odd).toEqual([])
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120)
    expect(lengths.at(-1)).toBeLessThanOrEqual(450)
  })

  test('nothing is exported by default and nothing is any', () => {
    expect(files.filter((file) => /export default|: any\b|as any\b|<any>/.test(code(file)))).toEqual([])
  })

  test('packages are those of package.json, in one exact version for both runtimes', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>
    }
    const { imports: mapped } = JSON.parse(readFileSync('deno.json', 'utf8')) as {
      imports: Record<string, string>
    }
    const specifiers = Object.entries(dependencies).map(([name, version]) => [name, `npm:${name}@${version}`])
    expect(mapped).toEqual(Object.fromEntries(specifiers))
    expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })
})
