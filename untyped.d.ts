/** It comes without types, which tsc minds and Deno does not; ours are in src/hosts/espeak/espeak-ng.ts. */
declare module '@echogarden/espeak-ng-emscripten'

/** Parts of it, which it types only as a whole; src/telemetry/prom-client.ts gives them those types. */
declare module 'prom-client/lib/*'
