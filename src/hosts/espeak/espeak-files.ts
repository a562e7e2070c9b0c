import { openAsBlob, readFileSync } from 'node:fs'
import type { EspeakFileSystem } from './espeak-ng.ts'

const ROOT = '/usr/share/espeak-ng-data'

/**
 * eSpeak's data file, read only as far as it is used: of its 24 MB, 23 are dictionaries, and each voice opens
 * one. `store` is as long as the file but empty, and memory that nobody has written to costs nothing.
 */
export class EspeakFiles {
  /** To be handed to eSpeak as if it were the whole data. */
  readonly store: ArrayBuffer
  readonly #path: string
  readonly #blob: Blob
  /** Dictionaries not read yet: where each begins in the data, and where it ends. */
  readonly #unread = new Map<string, readonly [start: number, end: number]>()

  static async open(path: string): Promise<EspeakFiles> {
    return new EspeakFiles(path, await openAsBlob(path))
  }

  private constructor(path: string, blob: Blob) {
    this.#path = path
    this.#blob = blob
    this.store = new ArrayBuffer(blob.size)
  }

  /** Reads all but the dictionaries, once eSpeak has laid out its files over the store. */
  async attach(files: EspeakFileSystem): Promise<void> {
    const dictionaries = files.readdir(ROOT).filter((name) => name.endsWith('_dict'))
    for (const name of dictionaries) this.#defer(name, files.lookupPath(`${ROOT}/${name}`).node)
    let from = 0
    for (const [start, end] of [...this.#unread.values()].sort(([a], [b]) => a - b)) {
      await this.#read(from, start)
      from = end
    }
    await this.#read(from, this.#blob.size)
  }

  /** Reads the dictionary of a language such as `en-us`, so that eSpeak need not wait for it. */
  async fetch(language: string): Promise<void> {
    const name = `${language.split('-')[0]}_dict`
    const range = this.#unread.get(name)
    if (!range) return
    await this.#read(...range)
    this.#unread.delete(name)
  }

  #defer(name: string, node: { contents: Uint8Array }): void {
    const { contents } = node
    this.#unread.set(name, [contents.byteOffset, contents.byteOffset + contents.length])
    Object.defineProperty(node, 'contents', {
      get: () => {
        this.#readNow(name)
        return contents
      },
    })
  }

  async #read(start: number, end: number): Promise<void> {
    const part = await this.#blob.slice(start, end).arrayBuffer()
    new Uint8Array(this.store).set(new Uint8Array(part), start)
  }

  /** For the dictionary that nobody saw coming, as when a word is in another language than its voice. */
  #readNow(name: string): void {
    const range = this.#unread.get(name)
    if (!range) return
    // Read whole and thrown away: a file packed in the binary cannot be opened, only read.
    new Uint8Array(this.store).set(readFileSync(this.#path).subarray(...range), range[0])
    this.#unread.delete(name)
  }
}
