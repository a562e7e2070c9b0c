/** It comes without types, which tsc minds and Deno does not; ours are in src/hosts/espeak/espeak-ng.ts. */
declare module '@echogarden/espeak-ng-emscripten'
