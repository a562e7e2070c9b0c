export const RATE = 24_000

/** Something that is heard, and is neither silence nor a pattern that looks like a header. */
export function tone(ms: number): Uint8Array<ArrayBuffer> {
  const samples = Int16Array.from({ length: Math.round((RATE * ms) / 1000) }, (_, i) =>
    Math.round(
      6000 * Math.sin((2 * Math.PI * 180 * i) / RATE) + 900 * Math.sin((2 * Math.PI * 1310 * i) / RATE),
    ),
  )
  return new Uint8Array(samples.buffer)
}
