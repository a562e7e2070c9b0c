/** The voice's data; a build without the voice lacks it. */
export const ESPEAK_DATA = '@echogarden/espeak-ng-emscripten/espeak-ng.data'

/** Samples a second of everything that eSpeak says. */
export const ESPEAK_RATE = 22_050
