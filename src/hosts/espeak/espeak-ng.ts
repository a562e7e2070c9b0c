// What is used of the package, which comes without types. Types only: the package itself stays with the worker.

/** Emscripten's file system, in memory. */
export interface EspeakFileSystem {
  readdir(path: string): string[]
  lookupPath(path: string): { readonly node: { contents: Uint8Array } }
}

export interface EspeakEvent {
  /** `word`, `phoneme` and others. */
  readonly type: string
  /** A phoneme's IPA. */
  readonly id: string | number | undefined
}

/** The package calls it a worker; it is none. */
export interface EspeakSpeaker {
  /** Gives 0 when there is such a voice. */
  set_voice(name: string): number
  /** Speaks; `heard` gets each tenth of a second as it is made, and stops it by giving true. */
  synthesize(
    text: string,
    heard: (samples: Int16Array<ArrayBuffer>, events: readonly EspeakEvent[]) => boolean,
  ): void
}

export interface Espeak {
  readonly FS: EspeakFileSystem
  readonly eSpeakNGWorker: new () => EspeakSpeaker | PromiseLike<EspeakSpeaker>
}

/** The package's default export. */
export type StartEspeak = (options: { getPreloadedPackage: () => ArrayBuffer }) => Promise<Espeak>
