/** `ReadableStream.from`, which both runtimes have and TypeScript's DOM library does not declare yet. */
export const streamFrom: <T>(source: Iterable<T> | AsyncIterable<T>) => ReadableStream<T> = (source) =>
  (ReadableStream as unknown as { from: typeof streamFrom }).from(source)
