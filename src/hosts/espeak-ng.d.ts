declare module '@echogarden/espeak-ng-emscripten' {
  import type { EspeakFileSystem } from './espeak-files.ts'

  export interface EspeakEvent {
    readonly type: string
    /** Milliseconds from the start of the text. */
    readonly audio_position: number
    readonly id: string | number | undefined
  }

  export interface EspeakSpeaker {
    /** Gives 0 when there is such a voice. */
    set_voice(name: string): number
    /** Speaks; `heard` gets each tenth of a second as it is made, and stops it by giving true. */
    synthesize(
      text: string,
      heard: (samples: Int16Array<ArrayBuffer>, events: EspeakEvent[]) => boolean,
    ): void
  }

  export interface Espeak {
    readonly FS: EspeakFileSystem
    readonly eSpeakNGWorker: new () => EspeakSpeaker | PromiseLike<EspeakSpeaker>
  }

  const init: (options: { getPreloadedPackage: () => ArrayBuffer }) => Promise<Espeak>
  // biome-ignore lint/style/noDefaultExport: the package has one
  export default init
}
